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
    "convergence": "results/tables/manifold_convergence.csv",
    "comment_orbits": "results/tables/comment_orbits.csv",
    "singular_points": "results/tables/comment_singular_points.csv",
    "orbit_plane": "results/tables/comment_orbit_plane.csv",
    "separation": "results/tables/comment_orbit_distances.csv",
    "singularity": "results/tables/comment_zeros.csv",
    "centres": "results/tables/comment_centers.csv",
    "centre_pairs": "results/tables/comment_center_pairs.csv",
    "comment_networks": "results/tables/comment_networks.csv",
    "frame_sensitivity": "results/tables/comment_frame_sensitivity.csv",
    "basis_sensitivity": "results/tables/comment_basis_sensitivity.csv",
    "training_distances": "results/tables/comment_training_distances.csv",
    "peers": "results/tables/peers.csv",
    "network_summary": "results/tables/comment_networks_summary.csv",
    "census": "results/tables/census.csv",
}
"""The results that decide the claims, by the names that the claims use."""

# What is part of this run, and nothing else.
REPORT_FIGURES = [name for name in figures() if name.endswith(".png")]
REPORT_AUDITS = {dataset: f"results/audit/{dataset}/audit.png" for dataset in DATASETS}
REPORT_TABLES = {
    "Table 1": "results/tables/table1.csv",
    "Errors of the networks": "results/tables/comment_networks_summary.csv",
    "Energies by other methods": "results/tables/energy_check.csv",
    "Singular points of the Comment": "results/tables/comment_singular_points.csv",
    "Orbits by other integrators": "results/tables/comment_integrators.csv",
    "Singular points next to random methane": "results/tables/census_summary.csv",
    "Singular points of whole molecules": "results/tables/census_structures.csv",
} | {f"Audit of {dataset}": f"results/audit/{dataset}/summary.csv" for dataset in DATASETS}
REPORT_VIEWERS = {name: f"results/chemiscope/{name}.json.gz" for name in METHANE} | {
    f"audit of {dataset}, {name}": f"results/chemiscope/audit_{dataset}_{name}.json.gz"
    for dataset in DATASETS
    for name in audited(dataset)
}


rule check_statements:
    """Statements of the papers' text that no figure shows."""
    input:
        structures="results/structures/methane.xyz",
    output:
        table="results/tables/statements.csv",
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
    localrule: True
    conda:
        environment("figures")
    params:
        code=code("judge_claims"),
        tables=lambda wildcards, input: [f"{name}={input[name]}" for name in CLAIM_TABLES],
    shell:
        'python "$SCRIPTS"/judge_claims.py --table {params.tables:q} --csv {output.csv}'
        " --markdown {output.markdown} 2> >(tee {log} >&2)"


rule write_report:
    """One page with every result, the claims, and where the numbers come from."""
    input:
        claims="results/tables/claims.csv",
        figures=REPORT_FIGURES,
        audits=list(REPORT_AUDITS.values()),
        tables=list(REPORT_TABLES.values()),
        viewers=list(REPORT_VIEWERS.values()),
    output:
        "results/report.html",
    log:
        "results/logs/write_report.log",
    localrule: True
    conda:
        environment("figures")
    params:
        code=code("write_report"),
        settings=json.dumps(
            {
                "config": config,
                "overlays": [os.path.relpath(file) for file in workflow.overwrite_configfiles],
            }
        ),
        audits=titled(REPORT_AUDITS, "audits"),
        tables=titled(REPORT_TABLES, "tables"),
        viewers=titled(REPORT_VIEWERS, "viewers"),
    shell:
        'python "$SCRIPTS"/write_report.py --settings {params.settings:q} --claims {input.claims}'
        " --figures {input.figures} --audits {params.audits:q} --tables {params.tables:q}"
        " --viewers {params.viewers:q} --metadata .snakemake/metadata --output {output}"
        " 2> >(tee {log} >&2)"
