"""`python -m translations`: takes the phrases of code and templates into every catalogue, then compiles them all."""

import sys

from translations.catalogues import LANGUAGES, compile_all, read, take_in, unfinished, write

if __name__ == "__main__":
    if sys.argv[1:] != ["compile"]:
        for code in LANGUAGES:
            catalogue = take_in(read(code))
            write(catalogue, code)
            for message in unfinished(catalogue):
                print(f"{code}: {message}")
    compile_all()
