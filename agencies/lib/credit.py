"""统一社会信用代码, the code that every Chinese organisation has (GB 32100-2015)."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Digits and capitals without I, O, S, V and Z (GB 32100-2015).
CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18
# By place from the left: 1, 3, 9, 27, 19 and so on, the powers of 3 modulo 31.
WEIGHTS = tuple(pow(3, place, 31) for place in range(LENGTH - 1))


def check_character(first: str) -> str:
    """The last character that belongs to the first seventeen (GB 32100-2015, 4.3)."""
    total = sum(CHARACTERS.index(character) * weight for character, weight in zip(first, WEIGHTS, strict=True))
    return CHARACTERS[-total % 31]


def is_credit_code(code: str) -> bool:
    """Whether a code has the right length and characters, and ends in the character that belongs to the others."""
    if len(code) != LENGTH or not set(code) <= set(CHARACTERS):
        return False
    return code[-1] == check_character(code[:-1])


def validate_credit_code(code: str) -> None:
    """Raises ValidationError with what is wrong and what to do."""
    if len(code) != LENGTH:
        raise ValidationError(
            _("统一社会信用代码应为18位，现为%(n)d位，请核对。"), code="length", params={"n": len(code)}
        )
    if not is_credit_code(code):
        raise ValidationError(_("统一社会信用代码的校验位不符，请对照登记证书逐位核对。"), code="check_digit")
