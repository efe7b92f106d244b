"""The unified social credit code of an organisation and its check digit (GB 32100-2015). Pure."""

# The letters I, O, S, V and Z are left out.
_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
LENGTH = 18


def check_digit(first: str) -> str:
    """Return the check digit for the first 17 characters: weights 3^i modulo 31. Raises: ValueError for others."""
    total = sum(_ALPHABET.index(character) * pow(3, place, 31) for place, character in enumerate(first))
    return _ALPHABET[-total % 31]


def credit_code_problem(code: str) -> str:
    """Return what is wrong with a code, in words; "" for a sound one."""
    if len(code) != LENGTH:
        return f"“{code[:30]}”有 {len(code)} 位，统一社会信用代码是 {LENGTH} 位，请对照营业执照核对"
    if wrong := [character for character in code if character not in _ALPHABET]:
        return f"“{code}”里有“{wrong[0]}”。统一社会信用代码只有数字和大写字母，不用 I、O、S、V、Z，请核对"
    if check_digit(code[:-1]) != code[-1]:
        return f"“{code}”的校验位不对，可能有一位写错了，请对照营业执照核对"
    return ""
