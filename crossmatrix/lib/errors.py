"""A refusal: the request was understood and is not done, with a sentence a person can act on."""


def N_(text: str) -> str:  # noqa: N802 - the customary name, so that the extractor of translations finds the sentence
    """Mark a sentence for translation where no language is known yet."""
    return text


class Refusal(Exception):
    """Known refusal. `code` is stable (CLI, API); `sentence` is translated when shown, then filled from `values`."""

    code = "refused"
    sentence = N_("This cannot be done.")

    def __init__(self, sentence: str = "", *, code: str = "", **values: object) -> None:
        self.sentence = sentence or type(self).sentence
        self.code = code or type(self).code
        self.values = values
        super().__init__(self.sentence % values if values else self.sentence)
