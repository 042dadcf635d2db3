# Singular points of methane: Figures 1 to 3, Table 1, and the theory behind them.


def singular_figures():
    return [
        f"results/figures/{name}.{kind}"
        for name in ("fig_theory", "fig_pedagogical")
        for kind in ("pdf", "png")
    ]


rule draw_theory:
    """Null spaces predicted without a basis, against those of features."""
    input:
        **code("draw_theory", "families", "nullspace", "plotting", "symmetry", *DENSITY),
    output:
        report(
            multiext("results/figures/fig_theory", ".pdf", ".png"),
            caption="../report/fig_theory.rst",
            category="Paper 1",
        ),
        "results/figures/data/fig_theory.csv",
    log:
        "results/logs/draw_theory.log",
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        options=" ".join(
            f"--{key.replace('_', '-')} {value}" for key, value in config["theory"].items()
        ),
    shell:
        "python {input.script} {params.options} --figures results/figures 2> >(tee {log} >&2)"


rule draw_pedagogical:
    """Section 1.7: x^2 against cos x, and what a fit can and cannot do."""
    input:
        **code("draw_pedagogical", "plotting", "tables"),
    output:
        report(
            multiext("results/figures/fig_pedagogical", ".pdf", ".png"),
            caption="../report/fig_pedagogical.rst",
            category="Paper 1",
        ),
        expand(
            "results/figures/data/fig_pedagogical_{panel}.csv",
            panel=["curves", "errors"],
        ),
    log:
        "results/logs/draw_pedagogical.log",
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    shell:
        "python {input.script} --figures results/figures 2> >(tee {log} >&2)"
