"""The one exception family that every edge knows how to answer."""


class Refused(Exception):
    """Understood and declined. The text is a sentence fit to show to the person or program that asked.

    `code` is a short stable word for programs; `status` is the HTTP status an edge answers with.
    """

    code = "refused"
    status = 409

    def __init__(self, sentence: str, *, code: str = "", status: int = 0) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or self.code
        self.status = status or self.status


class NotAllowed(Refused):
    """The person's role does not carry this verb."""

    code = "not_allowed"
    status = 403
