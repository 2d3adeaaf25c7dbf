"""Pages out of templates, which are compiled once for each language: their words are put in then, not with each page.

A list has some sixty of them. What depends on a number is looked up when that is known. Templates have `_`,
`{% trans %}`, `language()` and the filters `say`, `number` and `begun`.
"""

from collections.abc import Callable, MutableMapping
from threading import Thread
from typing import Any, cast

from flask import Flask, current_app
from flask.templating import Environment
from jinja2 import Template, nodes
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]

from sightline.phrase import Phrase
from sightline.web import languages
from sightline.web.languages import Language
from sightline.web.template_code import Code, Words

_escaped: Callable[[str], str] = _escape_inner


class WordedEnvironment(Environment):
    """Flask's own, in one language. What is global is the same for all of its templates, and no page may change it."""

    code_generator_class = Code
    language: Language | None = None

    @staticmethod
    def placed(value: object) -> str:
        """The value as it stands in a page: escaped, unless it is Markup.

        As MarkupSafe's `escape`, which makes a Markup of each, at six times the cost: a list places some 370 of them.
        What both call for a string is not public there; a test holds this to what `escape` gives.
        """
        if type(value) is str or type(value) is Phrase:
            return _escaped(value)
        return value if type(value) is Markup else escape(value)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Jinja's own is a ChainMap, which is walked in Python for each template of a page: a tenth of a list."""
        return {**self.globals, **d} if d else self.globals

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        """Jinja's hook for what becomes code of a template that has been read."""
        if self.language:
            source = cast(nodes.Template, Words(self.language).visit(source))
        return super()._generate(source, name, filename, defer_init)


def register(app: Flask) -> None:
    """Before anything else asks for the application's templates, as some pages do when they are registered."""
    if "jinja_env" in vars(app):
        raise RuntimeError("the application's templates have been asked for already")
    app.jinja_environment = WordedEnvironment
    # A bounded cache has a lock, which each include takes: under load half of all threads waited for it.
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "cache_size": -1}
    app.extensions["environments"] = {}


def render(name: str, /, **shown: Any) -> str:
    """The page that this template makes of what is shown, in the language of the request.

    A macro and the context that it was made in hold each other, with all that is shown: they are taken apart.
    """
    made = template(name)
    context = made.new_context(shown)
    try:
        return "".join(made.root_render_func(context))
    except Exception:
        made.environment.handle_exception()
    finally:
        context.vars.clear()


def template(name: str) -> Template:
    """The template in the language of the request."""
    return _environment(languages.current()).get_template(name)


def compile_ahead(app: Flask) -> None:
    """Compiles every template in every language, on a thread of its own, so that nobody's first page has to.

    Without it all who come in the first second compile the same ones at the same time.
    """
    Thread(target=_compile_all, args=(app,), name="compiling", daemon=True).start()


def _compile_all(app: Flask) -> None:
    with app.app_context():
        for language in app.extensions["languages"].values():
            _ = language.direction  # Babel takes a tenth of a second to say so for the first time
            environment = _environment(language)
            for name in environment.list_templates():
                environment.get_template(name)


def _environment(language: Language) -> WordedEnvironment:
    known: dict[str, WordedEnvironment] = current_app.extensions["environments"]
    return known.get(language.code) or known.setdefault(language.code, speaking(language))


def speaking(language: Language) -> WordedEnvironment:
    """An environment for the language, with all that the application has given to its templates by now."""
    environment = cast(WordedEnvironment, current_app.jinja_env.overlay())
    environment.language = language
    words = {"say": language.say, "number": language.number, "begun": language.begun}
    environment.filters = {**environment.filters, **words}
    environment.globals = {**environment.globals, "language": lambda: language}
    environment.policies = {**environment.policies, "ext.i18n.trimmed": True}
    environment.add_extension("jinja2.ext.i18n")
    # Not in the new style, at twice the cost; values then stand in {% trans %} alone.
    environment.install_gettext_translations(language.catalogue, newstyle=False)  # type: ignore[attr-defined]
    return environment
