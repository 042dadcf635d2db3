# Singular points of methane: Figures 2 and 3, Table 1.


MANIFOLDS = of_methane("results/structures/manifolds/{name}.npz")
ENERGIES = of_methane("results/energies/{name}.csv")
FEATURES = of_methane("results/features/{name}.npz")
MODELS = of_methane("results/tables/energy_models_{name}.csv")
LEVEL = ["functional", "basis"]
STUDIED = ["n_points", "training_grids", "gamma", "sigma2"]


rule energies:
    """The reference energies and their check alone."""
    input:
        ENERGIES,
        "results/tables/energy_check.csv",
    localrule: True


rule find_equilibrium:
    """The bond length of methane at the level of theory."""
    output:
        "results/energies/equilibrium.json",
    log:
        "results/logs/find_equilibrium.log",
    benchmark:
        "results/logs/find_equilibrium.tsv"
    conda:
        environment("energies")
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(30),
    params:
        code=code("find_equilibrium"),
        settings=settings(SINGULAR, only=LEVEL),
    shell:
        'python "$SCRIPTS"/find_equilibrium.py --settings {params.settings:q} --output {output}'
        " 2> >(tee {log} >&2)"


rule build_manifolds:
    """Each structure displaced along two patterns, a square grid."""
    input:
        equilibrium="results/energies/equilibrium.json",
    output:
        manifolds=MANIFOLDS,
        xyz=of_methane("results/structures/manifolds/{name}.xyz"),
        table="results/tables/manifolds.csv",
    log:
        "results/logs/build_manifolds.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("build_manifolds"),
        settings=settings(SINGULAR, only=["n_points", "training_grids", "structures", "directions"]),
    shell:
        'OMP_NUM_THREADS={threads} python "$SCRIPTS"/build_manifolds.py'
        " --settings {params.settings:q} --equilibrium {input.equilibrium}"
        " --manifolds {output.manifolds} --xyz {output.xyz} --table {output.table}"
        " 2> >(tee {log} >&2)"


rule compute_energies:
    """The energy of every structure; shipped ones are taken where they fit.

    Finished rows of a manifold are kept beside the output, and a killed run goes on from there.
    """
    input:
        manifolds=MANIFOLDS,
        shipped=(
            []
            if SINGULAR["recompute"]
            else [shipped(f"workflow/resources/energies/{name}.csv") for name in METHANE]
        ),
    output:
        energies=ENERGIES,
    log:
        "results/logs/compute_energies.log",
    benchmark:
        "results/logs/compute_energies.tsv"
    conda:
        environment("energies")
    threads: 2
    resources:
        mem_mb=memory(2000),
        runtime=minutes(240),
    params:
        code=code("compute_energies"),
        settings=settings(SINGULAR, only=LEVEL),
        rows=beside("energies", "rows"),
    shell:
        'python "$SCRIPTS"/compute_energies.py --settings {params.settings:q}'
        " --manifolds {input.manifolds} --shipped {input.shipped} --rows {params.rows}"
        " --threads {threads} --energies {output.energies} 2> >(tee {log} >&2)"


rule check_energies:
    """Recompute a random handful of energies and compare."""
    input:
        manifolds=MANIFOLDS,
        energies=ENERGIES,
    output:
        "results/tables/energy_check.csv",
    log:
        "results/logs/check_energies.log",
    benchmark:
        "results/logs/check_energies.tsv"
    conda:
        environment("energies")
    threads: 1
    resources:
        mem_mb=memory(1000),
        runtime=minutes(30),
    params:
        code=code("check_energies"),
        settings=settings(SINGULAR, only=[*LEVEL, "check"]),
    shell:
        'python "$SCRIPTS"/check_energies.py --settings {params.settings:q}'
        " --manifolds {input.manifolds} --energies {input.energies} --output {output}"
        " 2> >(tee {log} >&2)"


rule compute_manifold_features:
    """Features of each manifold by each descriptor, exactly rotated to few columns."""
    input:
        manifolds=MANIFOLDS,
        structures="results/structures/methane.xyz",
    output:
        features=FEATURES,
    log:
        "results/logs/compute_manifold_features.log",
    benchmark:
        "results/logs/compute_manifold_features.tsv"
    conda:
        environment("density")
    threads: 2
    resources:
        mem_mb=memory(3000),
        runtime=minutes(60),
    params:
        code=code(
            "compute_manifold_features",
            kinds={one["kind"] for one in METHANE_DESCRIPTORS.values()},
        ),
        settings=settings(
            {"descriptors": METHANE_DESCRIPTORS, "names": list(METHANE_DESCRIPTORS)},
            config["density"],
            only=["descriptors", "names", "fit_structures", "cutoff"],
        ),
        pieces=beside("features", "pieces"),
    shell:
        'python "$SCRIPTS"/compute_manifold_features.py --settings {params.settings:q}'
        " --manifolds {input.manifolds} --structures {input.structures}"
        " --pieces {params.pieces} --threads {threads} --features {output.features}"
        " 2> >(tee {log} >&2)"


rule check_convergence:
    """The nu = 2 features of Figure 2 beside those of a complete radial basis."""
    input:
        manifolds=MANIFOLDS,
        features=FEATURES,
    output:
        "results/tables/manifold_convergence.csv",
    log:
        "results/logs/check_convergence.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("check_convergence"),
        settings=settings(METHANE_DESCRIPTORS["nu2"], only=["nu", "l_max", "sigma", "cutoff"]),
    shell:
        'OMP_NUM_THREADS={threads} python "$SCRIPTS"/check_convergence.py'
        " --settings {params.settings:q} --manifolds {input.manifolds} --features {input.features}"
        " --table {output} 2> >(tee {log} >&2)"


rule analyse_manifolds:
    """What features and energy do along the displacements, and what models of the energy learn."""
    input:
        manifolds=MANIFOLDS,
        energies=ENERGIES,
        features=FEATURES,
        printed=shipped("workflow/resources/printed/table1.csv"),
    output:
        csv="results/tables/table1.csv",
        md=report("results/tables/table1.md", caption="../report/table1.rst", category="Paper 1"),
        tex="results/tables/table1.tex",
        models=MODELS,
        errors="results/tables/manifold_errors.csv",
        changes="results/tables/manifold_changes.csv",
    log:
        "results/logs/analyse_manifolds.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("analyse_manifolds"),
        settings=settings(SINGULAR, only=["training_grids", "gamma", "sigma2"]),
    shell:
        'OMP_NUM_THREADS={threads} python "$SCRIPTS"/analyse_manifolds.py'
        " --settings {params.settings:q} --manifolds {input.manifolds} --energies {input.energies}"
        " --features {input.features} --printed {input.printed} --models {output.models}"
        " --errors {output.errors} --changes {output.changes} --table1 {output.csv} {output.md}"
        " {output.tex} 2> >(tee {log} >&2)"


rule study_table1:
    """How each entry of Table 1 moves with the settings that the paper leaves open."""
    input:
        manifolds=MANIFOLDS,
        energies=ENERGIES,
        features=FEATURES,
        random=[shipped(f"workflow/resources/energies/random/{k}.csv") for k in range(5)],
        structures="results/structures/methane.xyz",
        printed=shipped("workflow/resources/printed/table1.csv"),
    output:
        points="results/tables/table1_study_points.csv",
        table="results/tables/table1_study.csv",
        misfits="results/tables/table1_misfits.csv",
    log:
        "results/logs/study_table1.log",
    benchmark:
        "results/logs/study_table1.tsv"
    conda:
        environment("density")
    threads: 2
    resources:
        mem_mb=memory(3000),
        runtime=minutes(60),
    params:
        code=code(
            "study_table1",
            kinds={one["kind"] for one in METHANE_DESCRIPTORS.values()},
        ),
        settings=settings(
            {"descriptors": METHANE_DESCRIPTORS, "names": list(METHANE_DESCRIPTORS)},
            {key: config["density"][key] for key in ("fit_structures", "cutoff")},
            {key: SINGULAR[key] for key in (*LEVEL, *STUDIED)},
        ),
        pieces=beside("table", "../features/pieces"),
    shell:
        'python "$SCRIPTS"/study_table1.py --settings {params.settings:q}'
        " --manifolds {input.manifolds} --energies {input.energies} --features {input.features}"
        " --random {input.random} --structures {input.structures} --printed {input.printed}"
        " --pieces {params.pieces} --threads {threads} --points {output.points}"
        " --table {output.table} --misfits {output.misfits} 2> >(tee {log} >&2)"


rule write_chemiscope:
    """Each manifold with everything known about it, for the chemiscope viewer."""
    input:
        manifolds=MANIFOLDS,
        features=FEATURES,
        models=MODELS,
    output:
        of_methane("results/chemiscope/{name}.json.gz"),
    log:
        "results/logs/write_chemiscope.log",
    localrule: True
    conda:
        environment("figures")
    params:
        code=code("write_chemiscope"),
    shell:
        'python "$SCRIPTS"/write_chemiscope.py --manifolds {input.manifolds}'
        " --features {input.features} --models {input.models} --output {output}"
        " 2> >(tee {log} >&2)"
