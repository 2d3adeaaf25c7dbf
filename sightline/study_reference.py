"""A study that an EHR names when it launches, in one of three ways; in none where its words lead nowhere here."""

from msgspec import Struct

from sightline.phrase import Phrase
from sightline.study import Study


class StudyReference(Struct, frozen=True):
    """By the id of its resource, by its Study Instance UID, or by its accession number, which several may share."""

    resource_id: str = ""
    uid: str = ""
    accession: str = ""

    def names(self, study: Study) -> bool:
        """Whether this is the study that is meant."""
        if self.uid:
            return study.uid == self.uid
        if self.accession:
            return study.accession == self.accession
        return self.resource_id in study.resource_ids

    @property
    def words(self) -> Phrase:
        """The study for people, by the one name that they know; no UID and no id of a record stands on a page."""
        if self.accession:
            return Phrase("the study with the accession number %(accession)s", accession=self.accession)
        if self.uid or self.resource_id:
            return Phrase("a certain study")
        return Phrase("a study that it did not name readably")
