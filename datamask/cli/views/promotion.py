"""``promote``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datamask.cli.views.load import load_json, load_text
from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import printable
from datamask.report.units import count, duration

if TYPE_CHECKING:
    from datamask.commands.promote import Promotion
    from datamask.promotion.gates import GateResult


def promotion_json(result: Promotion) -> Object:
    """Each gate's verdict, and what was loaded."""
    manifest = result.manifest
    return {
        "environment": result.admission.environment,
        "snapshot": manifest.id,
        "digest": manifest.digest,
        "policy": manifest.policy,
        "plan": manifest.plan,
        "promoted": result.loaded is not None,
        "dry_run": result.dry_run,
        "gates": [gate_json(gate) for gate in result.admission.gates],
        "load": None if result.loaded is None else load_json(result.loaded),
        "seconds": result.seconds,
    }


def gate_json(gate: GateResult) -> Object:
    """One gate's verdict."""
    return {"gate": gate.gate, "passed": gate.passed, "why": gate.why, "hint": gate.hint}


def promotion_text(result: Promotion, style: Style, *, verbose: bool) -> str:
    """A line a gate, what to do where it refuses, and the end of it."""
    environment = result.admission.environment
    lines = _gate_lines(result.admission.gates, style)
    if not result.gated:
        lines.append(f"environment {environment} has no gates")
    refused = result.admission.refused
    if refused:
        lines.append(
            f"{style.bad('✗')} {count(len(refused), 'gate')} of {style.bold(environment)} "
            f"{'refuses' if len(refused) == 1 else 'refuse'} snapshot {style.name(result.manifest.id)}; "
            "nothing was written"
        )
    elif result.loaded is None:
        lines.append(
            f"{style.good('✓')} snapshot {style.name(result.manifest.id)} may go into {style.bold(environment)}; "
            f"asked in {duration(result.seconds)}, nothing was written"
        )
    else:
        lines.append(load_text(result.loaded, style, verbose=verbose))
    return "\n".join(lines)


def _gate_lines(gates: tuple[GateResult, ...], style: Style) -> list[str]:
    width = max((len(gate.gate) for gate in gates), default=0)
    lines = []
    for gate in gates:
        sign = style.good("✓") if gate.passed else style.bad("✗")
        lines.append(f"{sign} {gate.gate:{width}}  {printable(gate.why)}")
        if not gate.passed and gate.hint:
            lines.append(style.dim(f"  {'':{width}}  → {printable(gate.hint)}"))
    return lines
