"""The nouns: frozen dataclasses that every other room takes and gives, with JSON round trips."""

from fanin.values.activation import Activation, activation
from fanin.values.finding import Finding, Fix, Severity
from fanin.values.formula import Formula
from fanin.values.graph import Graph, Node
from fanin.values.param import Fans, Param
from fanin.values.scheme import Claims, Law, Scheme
from fanin.values.trace import Difference, Row, Trace
from fanin.values.trial import Trial

__all__ = [
    "Activation",
    "Claims",
    "Difference",
    "Fans",
    "Finding",
    "Fix",
    "Formula",
    "Graph",
    "Law",
    "Node",
    "Param",
    "Row",
    "Scheme",
    "Severity",
    "Trace",
    "Trial",
    "activation",
]
