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
        mem_mb=2000,
        runtime=30,
    params:
        code=code("compute_condition_numbers"),
        options=lambda wildcards: " ".join(
            f"--{key.replace('_', '-')} {config[section][key]}"
            for section, key in (
                ("density", "cutoff"),
                ("density", "n_primitive"),
                ("density", "fit_structures"),
                ("sweeps", "n_structures"),
                ("sweeps", "bootstrap"),
                ("sweeps", "seed"),
            )
        ),
    shell:
        "python {scripts}/compute_condition_numbers.py --structures {input.structures} --sheet {input.sheet}"
        " {params.options} --threads {threads} --points results/sensitivity/points"
        " --bases results/features/radial_basis"
        " --table {output.table} --values {output.values} --timings {output.timings}"
        " 2> >(tee {log} >&2)"


rule condition_number_table:
    """Every sweep point of Figures 4 to 6 in one table."""
    input:
        tables=expand("results/sensitivity/{sweep}.csv", sweep=config["sweeps"]["sheets"]),
    output:
        "results/tables/condition_numbers.csv",
    log:
        "results/logs/condition_number_table.log",
    benchmark:
        "results/logs/condition_number_table.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code("merge_tables"),
    shell:
        "python {scripts}/merge_tables.py {input.tables} --output {output} 2> >(tee {log} >&2)"


rule draw_fig4:
    """Figure 4: nu = 1 against basis size, kind of basis and smearing."""
    input:
        table="results/sensitivity/fig4.csv",
    output:
        report(
            multiext("results/figures/fig4", ".pdf", ".png"),
            caption="../report/fig4.rst",
            category="Paper 1",
        ),
        expand("results/figures/data/fig4_{panel}.csv", panel=["left", "center", "right"]),
    log:
        "results/logs/draw_fig4.log",
    benchmark:
        "results/logs/draw_fig4.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("draw_fig4"),
    shell:
        "python {scripts}/draw_fig4.py --table {input.table} --figures results/figures 2> >(tee {log} >&2)"


rule draw_fig5:
    """Figure 5: nu = 2 and 3 against basis size."""
    input:
        table="results/sensitivity/fig5.csv",
    output:
        report(
            multiext("results/figures/fig5", ".pdf", ".png"),
            caption="../report/fig5.rst",
            category="Paper 1",
        ),
        expand("results/figures/data/fig5_{panel}.csv", panel=["left", "right"]),
    log:
        "results/logs/draw_fig5.log",
    benchmark:
        "results/logs/draw_fig5.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("draw_fig5"),
    shell:
        "python {scripts}/draw_fig5.py --table {input.table} --figures results/figures 2> >(tee {log} >&2)"


rule draw_fig6:
    """Figure 6: condition numbers of nu = 1, 2, 3 structure by structure."""
    input:
        values="results/sensitivity/fig6_values.parquet",
    output:
        report(
            multiext("results/figures/fig6", ".pdf", ".png"),
            caption="../report/fig6.rst",
            category="Paper 1",
        ),
        expand("results/figures/data/fig6_{panel}.csv", panel=["left", "center", "right"]),
    log:
        "results/logs/draw_fig6.log",
    benchmark:
        "results/logs/draw_fig6.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("draw_fig6"),
        n_scatter=config["sweeps"]["n_scatter"],
    shell:
        "python {scripts}/draw_fig6.py --values {input.values} --n-scatter {params.n_scatter}"
        " --figures results/figures 2> >(tee {log} >&2)"


rule draw_fig4_theory:
    """The limits of section 1.5: Eq. (7), the common singular value, Eq. (12)."""
    input:
        structures="results/structures/methane.xyz",
    output:
        report(
            multiext("results/figures/fig4_theory", ".pdf", ".png"),
            caption="../report/fig4_theory.rst",
            category="Paper 1",
        ),
        expand(
            "results/figures/data/fig4_theory_{panel}.csv",
            panel=["gram", "limit", "basis", "smearing"],
        ),
    log:
        "results/logs/draw_fig4_theory.log",
    benchmark:
        "results/logs/draw_fig4_theory.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        code=code("draw_fig4_theory"),
        cutoff=config["density"]["cutoff"],
        n_structures=config["sweeps"]["n_theory"],
    shell:
        "python {scripts}/draw_fig4_theory.py --structures {input.structures} --cutoff {params.cutoff}"
        " --n-structures {params.n_structures} --figures results/figures 2> >(tee {log} >&2)"
