"""A study that an EHR names when it launches, in one of three ways; in none where its words lead nowhere here."""

from msgspec import Struct

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
    def words(self) -> str:
        """The study as it was named, for people."""
        if self.uid or self.accession:
            return f"study number {self.uid}" if self.uid else f"accession number {self.accession}"
        return f"record {self.resource_id}" if self.resource_id else "a study that was not named readably"
