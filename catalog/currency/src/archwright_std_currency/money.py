"""The smallest units of currencies (ISO 4217), and amounts in them."""

from __future__ import annotations

from fractions import Fraction

from archwright_runtime.errors import Refusal

_TWO = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK
DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD
KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP
PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH
USD UYU UZS VES WST XCD YER ZAR ZMW ZWG
""".split()  # noqa: SIM905 - a table reads better than a list of strings
_NONE = """
BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF
""".split()  # noqa: SIM905 - a table reads better than a list of strings
_DIGITS = {
    **dict.fromkeys(_TWO, 2),
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    "CLF": 4,
}


def digits_of(currency: str) -> int:
    """How many digits an amount has behind the point.

    Raises:
        Refusal: there is no such currency.
    """
    found = _DIGITS.get(currency)
    if found is None:
        raise Refusal("unknown-currency", f"there is no currency {currency}")
    return found


def rounded(number: Fraction, way: str) -> int:
    """A whole number, rounded as named."""
    whole, rest = divmod(abs(number), 1)
    more = {
        "half-up": 2 * rest >= 1,
        "half-even": 2 * rest > 1 or (2 * rest == 1 and whole % 2 == 1),
        "up": rest > 0,
        "down": False,
    }[way]
    found = int(whole) + more
    return -found if number < 0 else found


def parts(units: int, count: int) -> list[int]:
    """So many parts that add up again; the first ones are larger by one where it does not come out even."""
    each, rest = divmod(units, count)
    return [each + (number < rest) for number in range(count)]
