# What the features of one audited descriptor know of those of another, on request: `snakemake reconstruction`.


rule compare_features:
    """Reconstruction errors between all descriptors of a data set, on its sample."""
    input:
        sample="results/audit/{dataset}/pieces/sample.parquet",
    output:
        "results/audit/{dataset}/reconstruction.csv",
    log:
        "results/logs/compare_features/{dataset}.log",
    benchmark:
        "results/logs/compare_features/{dataset}.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=memory(1500),
        runtime=minutes(30),
    params:
        code=lambda wildcards: code(
            "compare_features",
            kinds=sorted(
                {config["descriptors"][name]["kind"] for name in audited(wildcards.dataset)}
            ),
        ),
        settings=lambda wildcards: settings(
            {
                "descriptors": [
                    (name, config["descriptors"][name]) for name in audited(wildcards.dataset)
                ],
                "center_species": center_species(wildcards.dataset),
            }
        ),
    shell:
        'python "$SCRIPTS"/compare_features.py --settings {params.settings:q}'
        " --sample {input.sample} --table {output} 2> >(tee {log} >&2)"


rule draw_reconstruction:
    """Reconstruction errors as heat maps."""
    input:
        "results/audit/{dataset}/reconstruction.csv",
    output:
        multiext("results/audit/{dataset}/reconstruction", ".pdf", ".png"),
    log:
        "results/logs/draw_reconstruction/{dataset}.log",
    localrule: True
    conda:
        environment("figures")
    params:
        code=code("draw_figure", modules=["drawing.reconstruction"]),
        stem=subpath(output[0], strip_suffix=".pdf"),
    shell:
        'python "$SCRIPTS"/draw_figure.py --module reconstruction --table errors={input}'
        " --figure {params.stem} 2> >(tee {log} >&2)"


rule reconstruction:
    """What the descriptors of every audited data set know of each other."""
    input:
        [f"results/audit/{dataset}/reconstruction.pdf" for dataset in DATASETS],
