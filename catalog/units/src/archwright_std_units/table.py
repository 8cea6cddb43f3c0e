"""Units by their symbols, each with the exact relation to the base of its dimension.

Sources: the SI brochure (9th edition), and for customary units the definitions of 1959 (yard and pound) and NIST
Handbook 44. Units whose relation is measured or differs between countries are left out, but for those of the United
States, which carry `us_`, and the imperial ones, which carry `imp_`.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Unit:
    """A unit: so many base units, counted from ``zero`` base units."""

    dimension: str
    size: Fraction
    zero: Fraction = Fraction(0)

    def to_base(self, amount: Fraction) -> Fraction:
        """An amount in the base of the dimension."""
        return amount * self.size + self.zero

    def of_base(self, amount: Fraction) -> Fraction:
        """An amount of the base in this unit."""
        return (amount - self.zero) / self.size


_SIZES: dict[str, dict[str, str]] = {
    "length": {
        "nm": "1e-9", "um": "1e-6", "mm": "1e-3", "cm": "1e-2", "dm": "1e-1", "m": "1", "km": "1e3", "in": "0.0254",
        "ft": "0.3048", "yd": "0.9144", "mi": "1609.344", "nmi": "1852", "au": "149597870700",
    },
    "area": {
        "mm2": "1e-6", "cm2": "1e-4", "m2": "1", "ha": "1e4", "km2": "1e6", "in2": "0.00064516", "ft2": "0.09290304",
        "yd2": "0.83612736", "acre": "4046.8564224", "mi2": "2589988.110336",
    },
    "volume": {
        "mm3": "1e-9", "ml": "1e-6", "cl": "1e-5", "dl": "1e-4", "l": "1e-3", "hl": "1e-1", "m3": "1",
        "in3": "0.000016387064", "ft3": "0.028316846592", "us_floz": "0.0000295735295625",
        "us_pt": "0.000473176473", "us_qt": "0.000946352946", "us_gal": "0.003785411784",
        "imp_floz": "0.0000284130625", "imp_pt": "0.00056826125", "imp_gal": "0.00454609", "bbl": "0.158987294928",
    },
    "mass": {
        "ug": "1e-9", "mg": "1e-6", "g": "1e-3", "kg": "1", "t": "1e3", "gr": "0.00006479891", "oz": "0.028349523125",
        "lb": "0.45359237", "st": "6.35029318", "us_ton": "907.18474", "imp_ton": "1016.0469088", "ct": "0.0002",
    },
    "time": {
        "ns": "1e-9", "us": "1e-6", "ms": "1e-3", "s": "1", "min": "60", "h": "3600", "d": "86400", "week": "604800",
    },
    "speed": {"m/s": "1", "km/h": "1/3.6", "mph": "0.44704", "kn": "1852/3600", "ft/s": "0.3048"},
    "data": {
        "bit": "1", "B": "8", "kB": "8e3", "MB": "8e6", "GB": "8e9", "TB": "8e12", "KiB": "8192", "MiB": "8388608",
        "GiB": "8589934592", "TiB": "8796093022208",
    },
    "energy": {
        "J": "1", "kJ": "1e3", "MJ": "1e6", "Wh": "3600", "kWh": "3.6e6", "MWh": "3.6e9", "cal": "4.184",
        "kcal": "4184", "BTU": "1055.05585262",
    },
    "power": {"W": "1", "kW": "1e3", "MW": "1e6", "PS": "735.49875"},
    "pressure": {
        "Pa": "1", "hPa": "1e2", "kPa": "1e3", "MPa": "1e6", "bar": "1e5", "mbar": "1e2", "atm": "101325",
        "Torr": "101325/760",
    },
}  # fmt: skip


def _exact(text: str) -> Fraction:
    number, _, by = text.partition("/")
    return Fraction(number) / Fraction(by) if by else Fraction(number)


UNITS: dict[str, Unit] = {
    **{name: Unit(dimension, _exact(size)) for dimension, sizes in _SIZES.items() for name, size in sizes.items()},
    "K": Unit("temperature", Fraction(1)),
    "C": Unit("temperature", Fraction(1), Fraction("273.15")),
    "F": Unit("temperature", Fraction(5, 9), Fraction("459.67") * Fraction(5, 9)),
}
