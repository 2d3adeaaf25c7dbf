"""`python -m sightline`: the settings are checked before anything is served."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def started_with(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "sightline", *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_settings_with_mistakes_are_all_told_once_and_end_with_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text('public_url = "ftp://x"\nsite_name = 7\n')
    result = started_with("--config", str(tmp_path / "config.toml"))
    assert result.returncode == 2
    assert "config.toml:1:1" in result.stderr
    assert "config.toml:2:1" in result.stderr
    assert result.stderr.count("is not a URL of http or https") == 1


def test_settings_in_order_are_said_to_be() -> None:
    secrets = {"SIGHTLINE_SECRET_KEY": "x" * 40, "SIGHTLINE_EHR_R4_CLIENT_SECRET": "y"}
    result = started_with("--check", "--config", "config.example.toml", **secrets)
    assert (result.returncode, result.stdout) == (0, "config.example.toml is in order.\n")


def test_certificate_without_its_key_is_refused() -> None:
    result = started_with("--certificate", "certificate.pem")
    assert result.returncode == 2
    assert "--certificate and --key belong together" in result.stderr
