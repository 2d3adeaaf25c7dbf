"""Where painted series come from: each function yields one series' pictures as DICOM image attributes."""

from collections.abc import Iterator

from pydicom.dataset import Dataset

from sandbox.pictures import brain, breast, chest
from sandbox.pictures.slices import axial, grey, windowed

CHEST_SHAPE, CHEST_SPACING = (64, 256, 256), (318 / 64, 358 / 256, 358 / 256)
HEAD_SHAPE, HEAD_SPACING = (48, 256, 256), (3.0, 230 / 256, 230 / 256)
SOFT, LUNG, WIDE = (40, 400, "Mediastinum"), (-600, 1500, "Lung"), (-200, 1600, "Attenuation")


def chest_ct(whose: chest.Chest, sharp: bool) -> Iterator[Dataset]:
    """One reconstruction of the chest CT: `sharp` is the lung kernel, else the mediastinum's."""
    values = chest.ct(whose, CHEST_SHAPE, sharp=sharp)
    windows = (LUNG, SOFT) if sharp else (SOFT, LUNG)
    return axial(
        values,
        CHEST_SPACING,
        slope=1,
        intercept=-1024,
        windows=windows,
        KVP=120,
        ConvolutionKernel="L60" if sharp else "B30",
        RescaleType="HU",
    )


def attenuation_ct(whose: chest.Chest) -> Iterator[Dataset]:
    """The noisy low-dose CT of a PET/CT."""
    values = chest.ct(whose, CHEST_SHAPE, sharp=False, noise=26.0)
    return axial(values, CHEST_SPACING, slope=1, intercept=-1024, windows=(SOFT, WIDE), KVP=100, RescaleType="HU")


def chest_pet(whose: chest.Chest) -> Iterator[Dataset]:
    """The PET of a PET/CT, in SUVbw (g/ml), dark where uptake is high."""
    values = chest.pet(whose, (64, 128, 128))
    return axial(
        values,
        (318 / 64, 358 / 128, 358 / 128),
        slope=0.001,
        intercept=0,
        windows=((3.5, 7, "SUV"),),
        photometric="MONOCHROME1",
        Units="GML",
        SeriesType=["STATIC", "IMAGE"],
        DecayCorrection="START",
        CorrectedImage=["DECY", "ATTN", "SCAT"],
    )


def brain_mr(contrast: str, window: tuple[float, float, str]) -> Iterator[Dataset]:
    """One contrast of the brain MR, `T1` or `T2`, with its window (centre, width, name)."""
    signal = {"T1": brain.T1, "T2": brain.T2}[contrast]
    times = {"T1": (520, 12), "T2": (4200, 98)}[contrast]
    values = brain.mr(5, HEAD_SHAPE, signal)
    return axial(
        values,
        HEAD_SPACING,
        slope=1,
        intercept=0,
        windows=(window,),
        RepetitionTime=times[0],
        EchoTime=times[1],
        ScanningSequence="SE",
        MagneticFieldStrength=1.5,
    )


def head_ct() -> Iterator[Dataset]:
    """A head CT without contrast medium."""
    windows = ((38, 80, "Brain"), (500, 2200, "Bone"))
    return axial(
        brain.ct(12, HEAD_SHAPE), HEAD_SPACING, slope=1, intercept=-1024, windows=windows, KVP=120, RescaleType="HU"
    )


def mammogram(view: str, side: str) -> Iterator[Dataset]:
    """One view (`CC` or `MLO`) of one side (`R` or `L`)."""
    left, oblique = side == "L", view == "MLO"
    image = grey(breast.mammogram(40 + left + 2 * oblique, oblique=oblique, left=left), bits=12)
    image.ImageType = ["DERIVED", "PRIMARY", ""]
    image.ImageLaterality, image.ViewPosition = side, view
    image.PatientOrientation = ["A" if left else "P", "FR" if oblique else ("L" if left else "R")]
    image.ImagerPixelSpacing, image.PresentationIntentType = [0.2, 0.2], "FOR PRESENTATION"
    image.BurnedInAnnotation = "NO"
    yield windowed(image, ((1700, 3000, "Standard"),))
