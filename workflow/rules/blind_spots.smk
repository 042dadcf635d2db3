# Structure from features, and the singular points next to random structures.


rule study_inversion:
    """How well structures are found from their features, and where twins are found: fig_inversion."""
    output:
        success="results/tables/inversion_success.csv",
        steps="results/tables/inversion_steps.csv",
        twins="results/tables/inversion_twins.csv",
        table="results/tables/inversion.csv",
    log:
        "results/logs/study_inversion.log",
    benchmark:
        "results/logs/study_inversion.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(20),
    params:
        code=code("study_inversion"),
    shell:
        'OMP_NUM_THREADS={threads} python "$SCRIPTS"/study_inversion.py --success {output.success}'
        " --steps {output.steps} --twins {output.twins} --table {output.table}"
        " 2> >(tee {log} >&2)"
