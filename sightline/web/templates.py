"""Pages out of templates, which are compiled once for each language: their words are put in then, not with each page.

A list has some sixty of them. What depends on a number is looked up when that is known. Templates have `_`,
`{% trans %}`, `language()` and the filters `say`, `number` and `begun`.
"""

import re
from collections.abc import Callable, MutableMapping
from itertools import zip_longest
from threading import Thread
from typing import Any, cast

from flask import Flask, current_app
from flask.templating import Environment
from jinja2 import Template, nodes
from jinja2.compiler import CodeGenerator
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, _escape_inner, escape  # type: ignore[attr-defined]

from sightline.web import languages
from sightline.web.languages import Language

_VALUE = re.compile(r"%\((\w+)\)s")


class _Placing(CodeGenerator):
    """Compiles templates so that `WordedEnvironment.placed` stands where Jinja's own code would escape.

    The hook is one of those that Jinja's NativeCodeGenerator has; what is decided elsewhere stays Jinja's.
    """

    def _output_child_pre(self, node: nodes.Expr, frame: Any, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.placed(")
        else:
            super()._output_child_pre(node, frame, finalize)


class WordedEnvironment(Environment):
    """Flask's own, in one language. What is global is the same for all of its templates, and no page may change it."""

    code_generator_class = _Placing
    language: Language | None = None

    getattr = staticmethod(getattr)  # type: ignore[assignment]
    """Python's own: what a template misspells is an error, where Jinja's would look in vain for an item and go on."""

    @staticmethod
    def placed(value: object) -> str:
        """The value as it stands in a page: escaped, unless it is Markup.

        As MarkupSafe's `escape`, which makes a Markup of each, at six times the cost: a list places some 370 of them.
        What both call for a string is not public there; a test holds this to what `escape` gives.
        """
        kind = type(value)
        if kind is str:
            return _escape_inner(cast(str, value))
        return cast(str, value) if kind is Markup else escape(value)

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Jinja's own is a ChainMap, which is walked in Python for each template of a page: a tenth of a list."""
        return {**self.globals, **d} if d else self.globals

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        """Jinja's hook for what becomes code of a template that has been read."""
        if self.language:
            source = cast(nodes.Template, _Words(self.language).visit(source))
        return super()._generate(source, name, filename, defer_init)


class _Words(NodeTransformer):
    """Puts a phrase in the place of each look-up of one that is written out in the template."""

    def __init__(self, language: Language) -> None:
        catalogue = language.catalogue
        self._found_by: dict[str, Callable[..., str]] = {
            "_": catalogue.gettext,
            "gettext": catalogue.gettext,
            "pgettext": catalogue.pgettext,
        }

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        self.generic_visit(node)
        found_by = self._found_by.get(node.node.name) if isinstance(node.node, nodes.Name) else None
        said = [argument.value for argument in node.args if isinstance(argument, nodes.Const)]
        if found_by is None or len(said) < len(node.args):
            return node
        return nodes.Const(found_by(*said), lineno=node.lineno)

    def visit_Output(self, node: nodes.Output) -> nodes.Node:
        self.generic_visit(node)
        node.nodes = [piece for each in node.nodes for piece in _pieces(each)]
        return node


def _pieces(node: nodes.Expr) -> list[nodes.Expr]:
    """A sentence and its values one after another, where i18n's extension would fill it in with each page."""
    match node:
        case nodes.Mod(
            left=nodes.MarkSafeIfAutoescape(expr=nodes.Const(value=str(sentence))), right=nodes.Dict(items=pairs)
        ):
            values = {pair.key.as_const(): pair.value for pair in pairs}
            words, names = _VALUE.split(sentence)[::2], _VALUE.findall(sentence)
            said: list[nodes.Expr] = [nodes.TemplateData(text.replace("%%", "%"), lineno=node.lineno) for text in words]
            stated = [values[name] for name in names]
            return [piece for pair in zip_longest(said, stated) for piece in pair if piece]
        case _:
            return [node]


def register(app: Flask) -> None:
    """Before anything else asks for the application's templates, as some pages do when they are registered."""
    if "jinja_env" in vars(app):
        raise RuntimeError("the application's templates have been asked for already")
    app.jinja_environment = WordedEnvironment
    # A bounded cache has a lock, which each include takes: under load half of all threads waited for it.
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "cache_size": -1}
    app.extensions["environments"] = {}


def render(name: str, /, **shown: Any) -> str:
    """The page that this template makes of what is shown, in the language of the request."""
    return template(name).render(shown)


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
