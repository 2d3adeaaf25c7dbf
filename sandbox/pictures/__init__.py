"""The pictures of the simulated hospital: real DICOM files, made once on this machine.

`cast` is the table of studies, `photos` that of the photo archive, `sources` where its painted series come from.
`chest` (with `chest_anatomy` and `skeleton`), `brain` and `breast` (with `strands`) paint what `paint` can; `real`
takes radiographs, MR, NM and ultrasound from pydicom-data; `slices` makes DICOM image attributes of what was painted;
`files` writes it all.
"""

import shutil
import tempfile
from pathlib import Path

PHOTO_FOLDER = "photos"
VERSION = 4
"""Raised whenever the files would come out differently; an older folder is then built anew."""


def build(folder: Path) -> None:
    """Write every study as `folder/<StudyUID>/<SeriesUID>/<SOPUID>.dcm`, and the archive's index. Takes seconds.

    What the photo archive holds lies in the folder `photos` in it, with an index of its own.
    """
    from sandbox.archive import index
    from sandbox.pictures import cast, files, photos

    for place, plans in ((folder, cast.STUDIES), (folder / PHOTO_FOLDER, photos.PHOTOS)):
        place.mkdir(parents=True, exist_ok=True)
        for plan in plans:
            files.write(place, plan)
        index.write(place)


def ensure(folder: Path) -> None:
    """Build the pictures unless they are there. Safe when interrupted and when two processes do it at once.

    The files are made in a temporary folder beside and moved into place by one rename; who comes second throws its own
    away.
    """
    marker = folder / f"BUILT-{VERSION}"
    if marker.exists():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        build(work)
        (work / marker.name).touch()
        work.chmod(0o755)
        _put_in_place(work, folder)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _put_in_place(work: Path, folder: Path) -> None:
    if folder.exists():
        outdated = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        if (folder / f"BUILT-{VERSION}").exists():
            outdated.rmdir()
            return
        folder.rename(outdated)
        shutil.rmtree(outdated)
    try:
        work.rename(folder)
    except OSError:
        if not (folder / f"BUILT-{VERSION}").exists():
            raise
