# Condition numbers of density correlations against basis, smearing and body order: Figures 4 to 6.


rule condition_numbers:
    """Condition numbers at every point of one sweep sheet."""
    input:
        structures="results/structures/methane.xyz",
        sheet=lambda wildcards: located(config["sweeps"]["sheets"][wildcards.sweep]),
    output:
        table="results/sensitivity/{sweep}.csv",
        values="results/sensitivity/{sweep}_values.parquet",
        timings="results/benchmarks/sweep_{sweep}.csv",
    log:
        "results/logs/condition_numbers_{sweep}.log",
    benchmark:
        "results/logs/condition_numbers_{sweep}.tsv"
    conda:
        environment("density")
    threads: 2
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        code=code("compute_condition_numbers"),
        settings=settings(
            config["density"], config["sweeps"], leave_out=("sheets", "n_scatter", "n_theory")
        ),
        bases=beside("table", "../features/radial_basis"),
    shell:
        'python "$SCRIPTS"/compute_condition_numbers.py --settings {params.settings:q}'
        " --structures {input.structures} --sheet {input.sheet:q} --threads {threads}"
        " --bases {params.bases} --table {output.table} --values {output.values}"
        " --timings {output.timings} 2> >(tee {log} >&2)"


rule merge_sweeps:
    """Every sweep point in one table."""
    input:
        tables=expand("results/sensitivity/{sweep}.csv", sweep=config["sweeps"]["sheets"]),
    output:
        "results/tables/condition_numbers.csv",
    log:
        "results/logs/merge_sweeps.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("merge_sweeps"),
    shell:
        'python "$SCRIPTS"/merge_sweeps.py {input.tables} --table {output} 2> >(tee {log} >&2)'


rule compare_orders:
    """The structures of Figure 6, nu = 1, 2, 3 side by side."""
    input:
        "results/sensitivity/fig6_values.parquet",
    output:
        "results/tables/condition_numbers_by_structure.csv",
    log:
        "results/logs/compare_orders.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("compare_orders"),
        settings=settings(config["sweeps"], only=["n_scatter"]),
    shell:
        'python "$SCRIPTS"/compare_orders.py --settings {params.settings:q} --values {input}'
        " --table {output} 2> >(tee {log} >&2)"


rule compute_limits:
    """The limits of section 1.5: Eq. (7), the common singular value, Eq. (12)."""
    input:
        structures="results/structures/methane.xyz",
    output:
        gram="results/tables/limits_gram.csv",
        smearing="results/tables/limits_smearing.csv",
        basis="results/tables/limits_basis.csv",
    log:
        "results/logs/compute_limits.log",
    benchmark:
        "results/logs/compute_limits.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(10),
    params:
        code=code("compute_limits"),
        settings=settings(config["density"], config["sweeps"], only=["cutoff", "n_theory"]),
    shell:
        'OMP_NUM_THREADS={threads} python "$SCRIPTS"/compute_limits.py'
        " --settings {params.settings:q} --structures {input.structures} --gram {output.gram}"
        " --smearing {output.smearing} --basis {output.basis} 2> >(tee {log} >&2)"
