"""`python -m sightline`: the settings are checked before anything is served."""

import json
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


def test_without_a_sign_in_it_listens_to_this_machine_only(tmp_path: Path) -> None:
    example = (ROOT / "config.example.toml").read_text()
    ours = example.replace('sign_in = "smart"', 'sign_in = "none"').replace(
        'authorization = "smart"', 'authorization = "none"'
    )
    (tmp_path / "config.toml").write_text(ours)
    checked = ("--check", "--config", str(tmp_path / "config.toml"))
    for host, code in (("127.0.0.1", 0), ("::1", 0), ("0.0.0.0", 2), ("10.0.0.7", 2), ("::", 2)):
        result = started_with(*checked, "--host", host, SIGHTLINE_SECRET_KEY="x" * 40)
        assert result.returncode == code, host
        assert ("without a sign-in" in result.stderr) == (code == 2), host


def test_new_client_key_needs_no_settings_and_is_one_that_they_take(tmp_path: Path) -> None:
    made = started_with("--new-client-key", "ES384", "--config", "no such file")
    assert (made.returncode, made.stderr) == (0, "")
    config = (ROOT / "config.example.toml").read_text().replace('= "client_secret_basic"', '= "private_key_jwt"')
    (tmp_path / "config.toml").write_text(config)
    secrets = {"SIGHTLINE_SECRET_KEY": "x" * 40, "SIGHTLINE_CLIENT_KEYS": made.stdout}
    assert started_with("--check", "--config", str(tmp_path / "config.toml"), **secrets).returncode == 0


def test_client_key_that_is_no_key_is_a_mistake_of_the_settings() -> None:
    jwks = json.loads(started_with("--new-client-key", "ES384").stdout)
    jwks["keys"][0]["x"] = jwks["keys"][0]["y"]
    secrets = {"SIGHTLINE_SECRET_KEY": "x" * 40, "SIGHTLINE_EHR_R4_CLIENT_SECRET": "y"}
    result = started_with(
        "--check", "--config", "config.example.toml", **secrets, SIGHTLINE_CLIENT_KEYS=json.dumps(jwks)
    )
    assert result.returncode == 2
    assert "its numbers do not belong together" in result.stderr
    assert jwks["keys"][0]["d"] not in result.stderr
