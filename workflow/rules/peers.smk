# Descriptors of other libraries beside ours: fig_peers, and the benchmark. Every library is optional;
# one that is not installed fills its rows with a sentence.
LIBRARIES = [
    "exact",  # ours
    "featomic",
    "dscribe",
    "quippy-ase",
    "qmllib",
    "torchani",
    "deepmd-kit",
    "ace-jax",
    "librascal",
]


wildcard_constraints:
    library="|".join(LIBRARIES),


rule peers:
    """The same audit for every descriptor of every library."""
    input:
        multiext("results/figures/fig_peers", ".pdf", ".png"),


rule audit_peers:
    """Singular values, separation of degenerate pairs and derivatives of one library's descriptors."""
    input:
        sheet=located("config/peers.yaml"),
    output:
        "results/peers/{library}.csv",
    log:
        "results/logs/audit_peers_{library}.log",
    benchmark:
        "results/logs/audit_peers_{library}.tsv"
    conda:
        # librascal runs in a Python of its own, which its adapter starts
        lambda wildcards: environment(
            "density"
            if wildcards.library in ("exact", "librascal")
            else f"peers/{wildcards.library}"
        )
    threads: 1
    resources:
        mem_mb=2000,
        runtime=15,
    params:
        code=code("audit_peers"),
    shell:
        "OMP_NUM_THREADS=1 python {scripts}/audit_peers.py --sheet {input.sheet} --library {wildcards.library}"
        " --table {output} 2> >(tee {log} >&2)"


rule draw_peers:
    """fig_peers: degenerate, singular and generic environments as every descriptor sees them."""
    input:
        tables=expand("results/peers/{library}.csv", library=LIBRARIES),
    output:
        report(
            multiext("results/figures/fig_peers", ".pdf", ".png"),
            caption="../report/fig_peers.rst",
            category="Other libraries",
        ),
        "results/figures/data/fig_peers.csv",
    log:
        "results/logs/draw_peers.log",
    benchmark:
        "results/logs/draw_peers.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("draw_peers"),
    shell:
        "python {scripts}/draw_peers.py --tables {input.tables} --figures results/figures"
        " 2> >(tee {log} >&2)"


rule bench:
    """Milliseconds per environment, ours and other libraries, side by side."""
    input:
        multiext("results/figures/fig_bench", ".pdf", ".png"),


rule benchmark_descriptors:
    """Features, Jacobians and singular values of the same environments in every library."""
    output:
        table="results/benchmarks/descriptors.csv",
        scaling="results/benchmarks/scaling.csv",
        summary="results/benchmarks/descriptors.md",
    log:
        "results/logs/benchmark_descriptors.log",
    benchmark:
        "results/logs/benchmark_descriptors.tsv"
    conda:
        environment("density")
    threads: 8  # as many as there are, if fewer; workflow.cores is unknown on a cluster
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=code("benchmark_descriptors"),
    shell:
        "python {scripts}/benchmark_descriptors.py --threads {threads} --table {output.table}"
        " --scaling {output.scaling} --summary {output.summary} 2> >(tee {log} >&2)"


rule draw_bench:
    """fig_bench: cost against the number of features and of neighbours."""
    input:
        table="results/benchmarks/descriptors.csv",
        scaling="results/benchmarks/scaling.csv",
    output:
        report(
            multiext("results/figures/fig_bench", ".pdf", ".png"),
            caption="../report/fig_bench.rst",
            category="Other libraries",
        ),
    log:
        "results/logs/draw_bench.log",
    benchmark:
        "results/logs/draw_bench.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("draw_bench"),
    shell:
        "python {scripts}/draw_bench.py --table {input.table} --scaling {input.scaling}"
        " --figures results/figures 2> >(tee {log} >&2)"
