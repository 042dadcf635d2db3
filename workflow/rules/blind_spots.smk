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


rule survey_singular_points:
    """Singular points next to random methane and of small molecules, and what is known of each."""
    input:
        structures="results/structures/methane.xyz",
    output:
        table="results/tables/census.csv",
        summary="results/tables/census_summary.csv",
        clusters="results/tables/census_structures.csv",
        candidates="results/tables/census_candidates.xyz",
    log:
        "results/logs/survey_singular_points.log",
    benchmark:
        "results/logs/survey_singular_points.tsv"
    conda:
        environment("density")
    threads: 2
    resources:
        mem_mb=memory(1500),
        runtime=minutes(60),
    params:
        code=code("survey_singular_points"),
        settings=settings(config["census"]),
        pieces=beside("table", "../sensitivity/census"),
    shell:
        'python "$SCRIPTS"/survey_singular_points.py --settings {params.settings:q}'
        " --structures {input.structures} --threads {threads} --pieces {params.pieces}"
        " --table {output.table} --summary {output.summary} --clusters {output.clusters}"
        " --candidates {output.candidates} 2> >(tee {log} >&2)"
