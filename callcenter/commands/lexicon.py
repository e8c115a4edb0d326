"""`callcenter lexicon`: learn from examples what words speak for, and see what they are like."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from callcenter.commands.failure import fail
from callcenter.incidents.errors import LexiconError
from callcenter.incidents.learning import digest, learn, parse_examples, save
from callcenter.incidents.lexicon import load_lexicon
from callcenter.incidents.likeness import EXAMPLES, learned
from callcenter.incidents.reading import formed

EXIT_BAD_INPUT = 1
LIKELIEST = 5

app = typer.Typer(no_args_is_help=True, help="What the words of callers speak for.")

Language = Annotated[str, typer.Argument(help="en: a language that has examples.")]


@app.command("learn", epilog="Example: callcenter lexicon learn en")
def learn_examples(
    language: Language,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Where LANGUAGE.txt is; default: the product's own."),
    ] = None,
) -> None:
    """Learn from LANGUAGE.txt and keep it as LANGUAGE.npz beside it; a few seconds.

    Exit 1 when the file is not there or a line of it is wrong: nothing is changed then.
    """
    file = (folder or Path(str(EXAMPLES))) / f"{language}.txt"
    try:
        text = file.read_text("utf-8")
        examples = parse_examples(text, str(file))
        found = learn(examples, load_lexicon(language).rewriting, digest(text))
        save(found, file.with_suffix(".npz"))
    except (OSError, UnicodeDecodeError, LexiconError) as error:
        fail(str(error), EXIT_BAD_INPUT)
    for category, count in Counter(each.category for each in examples).most_common():
        typer.echo(f"{count:5}  {category}")
    typer.echo(f"{len(found.rows)} words and pairs of words: {file.with_suffix('.npz')}")


@app.command("like", epilog='Example: callcenter lexicon like en "he had something in his hand"')
def like(language: Language, words: Annotated[str, typer.Argument(help="What was said.")]) -> None:
    """Print what kinds of matter such words are like, the likeliest first.

    Exit 1 when the language has no examples.
    """
    known = learned(language)
    if known is None:
        fail(f"{language}: there are no examples of this language", EXIT_BAD_INPUT)
    shares = known.of(formed(words, load_lexicon(language)).text)
    for category, share in sorted(shares.items(), key=lambda pair: -pair[1])[:LIKELIEST]:
        typer.echo(f"{share:5.2f}  {category}")
    if not shares:
        typer.echo("no word of it stands in the examples")
