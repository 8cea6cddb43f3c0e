"""Words and runs that make a password easy to guess, whatever digits and signs stand around them."""

from __future__ import annotations

_WORDS = """
a abc abcd abcdef access account adam admin adminadmin administration administrator alex alexander alice am amanda
amazon america and andrea andrew angel angela anna anthony apple april asdf asdfgh asdfghjkl ashley august austin
autumn baby bailey banana banane baseball basketball batman beach berlin biene bird blue bond booboo boss brandon
buster butterfly cat change changeme charlie cheese chelsea chicken chocolate christmas coffee company computer
cookie corvette cowboy daniel dave david default demo dog dolphin dragon eagle easter elephant email england enter
eva extreme facebook falcon family february ferrari fire first fish flower football for forever forget france friday
friend friends fussball garden gast george germany ginger god golden golf google guest guitar hallo hammer hannah
happy harley heaven hello help hockey holiday home hunter i iloveyou in internet is its january jasmine jennifer
jessica jesus john jordan joshua july june justin justme kennwort killer king kitty last let letmein liebe lily
linux login london love lovely lucky maggie manager march marina mark martin master matrix matthew me melissa
mercedes merlin michael mickey microsoft monday money monkey monster mother mustang my mynoob new nicole ninja no
nothing november october of office old one open or orange pass passcode passphrase passwd password passwort patrick
peanut pepper peter please pokemon power prince princess princesse private purple qazwsx qwer qwert qwerty
qwertyuiop qwertz rainbow ranger root samsung sarah saturday schalke schatz secret secure security september server
service shadow silver snoopy soccer sommer sonne spider spring star start starwars steven summer sun sunday sunshine
super superman system temp temporary tennis test testing thank thankyou the thomas thursday tiger tigger time to
trust trustno tuesday user victoria we wednesday welcome whatever william willkommen windows winter wizard work
yamaha yellow yes you your zxcv zxcvbn zxcvbnm
"""

COMMON = frozenset(_WORDS.split())
"""Whole words; a password that consists of nothing else is refused."""

RUNS = (
    "01234567890123456789012345678901234567890",
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertzuiopasdfghjklyxcvbnm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik",
    "qazwsxedcrfvtgbyhnujmikolp",
)
"""Rows of the keyboard, the alphabet and the digits, read in either direction."""
