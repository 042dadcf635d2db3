# What the papers claim against what came out, and the page that gathers everything.


CLAIM_TABLES = {
    "statements": "results/tables/statements.csv",
    "condition_numbers": "results/tables/condition_numbers.csv",
    "theory_gram": "results/tables/limits_gram.csv",
    "theory_limit": "results/tables/limits_smearing.csv",
    "theory_basis": "results/tables/limits_basis.csv",
    "theory_smearing": "results/tables/limits_smearing.csv",
    "fig6": "results/tables/condition_numbers_by_structure.csv",
    "pedagogical": "results/tables/pedagogical_errors.csv",
    "asymmetric": "results/tables/energy_models_asymmetric.csv",
    "symmetric": "results/tables/energy_models_symmetric.csv",
    "degenerate": "results/tables/energy_models_degenerate.csv",
    "fig2": "results/tables/manifold_changes.csv",
    "table1": "results/tables/table1.csv",
    "comment_orbits": "results/tables/comment_orbits.csv",
    "singular_points": "results/tables/comment_singular_points.csv",
    "orbit_plane": "results/tables/comment_orbit_plane.csv",
    "separation": "results/tables/comment_orbit_distances.csv",
    "singularity": "results/tables/comment_zeros.csv",
    "centres": "results/tables/comment_centers.csv",
    "centre_pairs": "results/tables/comment_center_pairs.csv",
    "comment_networks": "results/tables/comment_networks.csv",
    "peers": "results/figures/data/fig_peers.csv",
    "network_summary": "results/tables/comment_networks_summary.csv",
}
"""The results that decide the claims, by the names that the claims use."""

AUDITED = list(config.get("audit", {}).get("datasets", {}))

# those of the papers first, then the extra ones
REPORT_FIGURES = sorted(
    [name for name in figures() if name.endswith(".png")] + ["results/figures/fig_peers.png"],
    key=lambda name: ("comment_" in name, "fig_" in name, name),
) + [f"results/audit/{dataset}/audit.png" for dataset in AUDITED]
REPORT_TABLES = [
    "results/tables/table1.csv",
    "results/tables/comment_networks_summary.csv",
    "results/tables/energy_check.csv",
    "results/tables/comment_singular_points.csv",
    "results/tables/comment_integrators.csv",
]
REPORT_TABLES += [f"results/audit/{dataset}/summary.csv" for dataset in AUDITED]
REPORT_VIEWERS = [f"results/chemiscope/{name}.json.gz" for name in METHANE]
REPORT_VIEWERS += [
    f"results/chemiscope/audit_{dataset}_{representation}.json.gz"
    for dataset in AUDITED
    for representation in audited(dataset)
]


rule check_statements:
    """Statements of the papers' text that no figure shows."""
    input:
        structures="results/structures/methane.xyz",
    output:
        "results/tables/statements.csv",
    log:
        "results/logs/check_statements.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("check_statements"),
    shell:
        'python "$SCRIPTS"/check_statements.py --structures {input.structures} --table {output}'
        " 2> >(tee {log} >&2)"


rule judge_claims:
    """Every statement of both papers, what came out here, and a verdict."""
    input:
        **CLAIM_TABLES,
    output:
        csv="results/tables/claims.csv",
        markdown="results/tables/claims.md",
    log:
        "results/logs/judge_claims.log",
    benchmark:
        "results/logs/judge_claims.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        code=code("judge_claims"),
        tables=lambda wildcards, input: [f"{name}={input[name]}" for name in CLAIM_TABLES],
    shell:
        "python {scripts}/judge_claims.py --table {params.tables:q} --csv {output.csv}"
        " --markdown {output.markdown} 2> >(tee {log} >&2)"


rule write_report:
    """One page with every result, the claims, and where the numbers come from."""
    input:
        claims="results/tables/claims.csv",
        figures=REPORT_FIGURES,
        captions=[shipped(f"workflow/report/{Path(name).stem}.rst") for name in REPORT_FIGURES],
        tables=REPORT_TABLES,
        viewers=REPORT_VIEWERS,
    output:
        "results/report.html",
    log:
        "results/logs/write_report.log",
    benchmark:
        "results/logs/write_report.tsv"
    conda:
        environment("figures")
    threads: 1
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        code=code("write_report"),
        config=json.dumps(config),
        overlays=[os.path.relpath(file) for file in workflow.overwrite_configfiles],
    shell:
        "python {scripts}/write_report.py --claims {input.claims} --figures {input.figures}"
        " --captions {input.captions} --tables {input.tables} --viewers {input.viewers}"
        " --metadata .snakemake/metadata --config {params.config:q}"
        " --overlays {params.overlays:q} --output {output}"
        " 2> >(tee {log} >&2)"
