# The page of an audit, its verdict on the terminal, and advice on hyperparameters.


rule write_audit_page:
    """One page on a data set: verdict, causes and what to do, the worst to turn."""
    input:
        tables=multiext(
            "results/audit/{dataset}/",
            "environments.csv",
            "summary.csv",
            "skipped.csv",
            "worst.xyz",
            "structures.csv",
        ),
        drawn=multiext("results/audit/{dataset}/pieces/", "points.parquet", "histograms.csv"),
        frames="results/audit/{dataset}/pieces/frames.json",
        viewers=lambda wildcards: audit_viewers(wildcards.dataset),
        forces=lambda wildcards: force_tables(wildcards.dataset),
    output:
        "results/audit/{dataset}/index.html",
    log:
        "results/logs/write_audit_page/{dataset}.log",
    localrule: True
    conda:
        environment("figures")
    params:
        code=code("write_audit_page"),
        settings=lambda wildcards: settings(
            audit_again(wildcards.dataset), {"factor": audit_settings("advice", "factor")}
        ),
        # shown if it is there, and never computed for the page
        advice=lambda wildcards: computed_advice(wildcards.dataset),
        folder=subpath(output[0], parent=True),
    shell:
        'python "$SCRIPTS"/write_audit_page.py --settings {params.settings:q}'
        " --folder {params.folder} --frames {input.frames} --viewers {input.viewers}"
        " --forces {input.forces}"
        " --metadata .snakemake/metadata --output {output} 2> >(tee {log} >&2)"


rule conclude_audit:
    """Say the verdict on the terminal; fail where nothing at all could be audited."""
    input:
        page="results/audit/{dataset}/index.html",
        tables=multiext("results/audit/{dataset}/", "summary.csv", "structures.csv"),
    output:
        "results/audit/{dataset}/verdict.txt",
    log:
        "results/logs/conclude_audit/{dataset}.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("conclude_audit"),
        folder=subpath(output[0], parent=True),
    shell:
        'python "$SCRIPTS"/conclude_audit.py --folder {params.folder} --page {input.page}'
        " --verdict {output} 2> >(tee {log} >&2)"


rule advise_hyperparameters:
    """What n_max, l_max and sigma bring to an audited descriptor, by a sweep on the sample."""
    input:
        sample="results/audit/{dataset}/pieces/sample.parquet",
    output:
        "results/audit/{dataset}/pieces/advice/{representation}.csv",
    log:
        "results/logs/advise_hyperparameters/{dataset}_{representation}.log",
    benchmark:
        "results/logs/advise_hyperparameters/{dataset}_{representation}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=memory(1500),
        runtime=minutes(60),
    params:
        code=audit_code("advise_hyperparameters"),
        settings=lambda wildcards: settings(
            audit_settings("advice"),
            audit_job(wildcards),
            {"singular": audit_settings("diagnosis", "singular")},
            leave_out=["density"],
        ),
    shell:
        'python "$SCRIPTS"/advise_hyperparameters.py --settings {params.settings:q}'
        " --sample {input.sample} --table {output} 2> >(tee {log} >&2)"


rule merge_advice:
    """The cheapest n_max, l_max and sigma for a data set, in words and drawn."""
    input:
        lambda wildcards: [
            f"results/audit/{wildcards.dataset}/pieces/advice/{representation}.csv"
            for representation in audited(wildcards.dataset)
        ],
    output:
        multiext("results/audit/{dataset}/advice", ".csv", ".md", ".pdf", ".png"),
    log:
        "results/logs/merge_advice/{dataset}.log",
    localrule: True
    conda:
        environment("figures")
    params:
        code=code("merge_advice"),
        settings=lambda wildcards: settings(
            {"names": audited(wildcards.dataset), "factor": audit_settings("advice", "factor")}
        ),
        folder=subpath(output[0], parent=True),
    shell:
        'python "$SCRIPTS"/merge_advice.py --settings {params.settings:q} --tables {input}'
        " --folder {params.folder} 2> >(tee {log} >&2)"


rule advice:
    """Hyperparameters for every data set of the section `audit`."""
    input:
        [f"results/audit/{dataset}/advice.md" for dataset in DATASETS],


rule pages:
    """Pages that are there already, anew with the advice that was computed since."""
    input:
        [page for page in AUDIT_PAGES if os.path.exists(page)],
