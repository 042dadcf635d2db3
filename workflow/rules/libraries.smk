# Descriptors of other libraries beside ours: fig_peers, and the benchmark. Every library is optional;
# one that is not installed fills its rows with a sentence.


wildcard_constraints:
    library="|".join(PEERS),


rule peers:
    """The same audit for every descriptor of every library."""
    input:
        figures("fig_peers"),


rule audit_peers:
    """Singular values, separation of degenerate pairs and derivatives of one library's descriptors."""
    input:
        recorded=lambda wildcards: recorded(wildcards.library),
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
        mem_mb=memory(2000),
        runtime=minutes(15),
    params:
        code=lambda wildcards: code(
            "audit_peers",
            kinds=sorted({row["kind"] for row in PEERS[wildcards.library].values()}),
        ),
        settings=lambda wildcards: settings(
            {
                "library": wildcards.library,
                "descriptors": list(PEERS[wildcards.library].items()),  # in their order
            }
        ),
        installed=lambda wildcards: installed(wildcards.library),
        recorded=lambda wildcards, input: [f"--recorded={file}" for file in input.recorded],
    shell:
        'OMP_NUM_THREADS={threads} python "$SCRIPTS"/audit_peers.py --settings {params.settings:q}'
        " {params.recorded:q} --table {output} 2> >(tee {log} >&2)"


rule merge_peers:
    """The descriptors of all libraries in one table."""
    input:
        expand("results/peers/{library}.csv", library=PEERS),
    output:
        "results/tables/peers.csv",
    log:
        "results/logs/merge_peers.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("merge_peers"),
    shell:
        'python "$SCRIPTS"/merge_peers.py {input} --table {output} 2> >(tee {log} >&2)'


rule bench:
    """Milliseconds per environment, ours and other libraries, side by side."""
    input:
        figures("fig_bench"),
        "results/benchmarks/systems.csv",


rule benchmark_systems:
    """Liquids, salts, alloys and molecules: time of one thread, and how singular values were read."""
    output:
        "results/benchmarks/systems.csv",
    log:
        "results/logs/benchmark_systems.log",
    benchmark:
        "results/logs/benchmark_systems.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(15),
    params:
        code=code("benchmark_systems", kinds=["density"]),
        settings=settings({"frames": 2, "rounds": 2, "seed": 1}),
    shell:
        'python "$SCRIPTS"/benchmark_systems.py --settings {params.settings:q} --table {output}'
        " 2> >(tee {log} >&2)"


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
        # each of the processes holds librascal's features with gradients
        mem_mb=memory(27000 if installed("librascal") else 4000),
        runtime=minutes(30),
    params:
        code=code(
            "benchmark_descriptors",
            kinds=["featomic_soap", "dscribe_soap", "quippy_soap", "librascal", "qmllib_fchl19"],
        ),
        settings=settings({"budget": 0.25, "rounds": 5, "seed": 11}),
        installed=[installed(library) for library in PEERS],
    shell:
        'python "$SCRIPTS"/benchmark_descriptors.py --settings {params.settings:q} --threads {threads}'
        " --table {output.table} --scaling {output.scaling} --summary {output.summary} 2> >(tee {log} >&2)"
