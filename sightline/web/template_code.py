"""What a template is compiled to: code with its words in it, and as straight as it can be."""

import re
from collections.abc import Callable
from itertools import zip_longest
from typing import Any

from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.visitor import NodeTransformer

from sightline.web.languages import Language

_VALUE = re.compile(r"%\((\w+)\)s")


class Code(CodeGenerator):
    """Writes the code of a template without two detours of Jinja's, which a list takes a thousand times.

    Its environment's `placed` says how a value stands in the page; what stands before a value is one of the hooks that
    Jinja's NativeCodeGenerator uses too. And `study.uid` is Python's: what a template misspells is an error, where
    Jinja's own would look in vain for an item and go on.
    """

    def _output_child_pre(self, node: nodes.Expr, frame: Any, finalize: Any) -> None:
        if frame.eval_ctx.autoescape and not frame.eval_ctx.volatile and finalize.src is None:
            self.write("environment.placed(")
        else:
            super()._output_child_pre(node, frame, finalize)

    def visit_Getattr(self, node: nodes.Getattr, frame: Any) -> None:
        self.write("(")
        self.visit(node.node, frame)
        self.write(f").{node.attr}")


class Words(NodeTransformer):
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
