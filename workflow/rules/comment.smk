# The Comment: quasi-constant orbits, and what networks learn along them.
COURSE = ("start", "n_frames", "step", "every", "integrator", "tolerance")
TEXT = COMMENT["networks"]["settings"]["text"]


if COMMENT["frames"]["source"] == "authors":

    rule download_frames:
        """The published validation frames."""
        output:
            frame_file(),
        log:
            "results/logs/download_frames.log",
        localrule: True
        conda:
            environment("density")
        params:
            code=code("download_structures"),
            settings=settings(
                {"urls": [COMMENT["frames"]["url"]], "sha256": COMMENT["frames"]["sha256"]}
            ),
        shell:
            'python "$SCRIPTS"/download_structures.py --settings {params.settings:q}'
            " --output {output} 2> >(tee {log} >&2)"


rule prepare_dynamics:
    """Training and validation frames of hot methane, and their geometry beside the published."""
    input:
        published=shipped("workflow/resources/printed/comment_dynamics.csv"),
        file=frame_file(),
    output:
        frames="results/structures/comment_frames.npz",
        table="results/tables/comment_dynamics.csv",
    log:
        "results/logs/prepare_dynamics.log",
    benchmark:
        "results/logs/prepare_dynamics.tsv"
    conda:
        environment("dynamics")
    threads: 2
    resources:
        mem_mb=memory(1000),
        runtime=minutes(30),
    params:
        code=code("prepare_dynamics"),
        settings=frame_settings(),
        kept=beside("frames", "comment_segments"),
    shell:
        'python "$SCRIPTS"/prepare_dynamics.py --settings {params.settings:q}'
        " --file {input.file:q} --threads {threads} --kept {params.kept} --published {input.published:q}"
        " --frames {output.frames} --table {output.table} 2> >(tee {log} >&2)"


rule follow_orbits:
    """Orbits of low sensitivity around A0."""
    input:
        frames="results/structures/comment_frames.npz",
    output:
        table="results/tables/comment_orbits.csv",
        summary="results/sensitivity/comment_orbits_summary.csv",
        orbits="results/sensitivity/comment_orbits.npz",
    log:
        "results/logs/follow_orbits.log",
    benchmark:
        "results/logs/follow_orbits.tsv"
    conda:
        environment("density")
    threads: 2
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        code=code("follow_orbits"),
        settings=settings(
            {key: COMMENT["orbits"][key] for key in ("sigmas", "scales")},
            {"course": {key: COMMENT["orbits"][key] for key in COURSE}},
            {"features": COMMENT["features"]},
        ),
        kept=beside("orbits", "orbits"),
    shell:
        'python "$SCRIPTS"/follow_orbits.py --settings {params.settings:q} --frames {input.frames}'
        " --threads {threads} --kept {params.kept} --table {output.table}"
        " --summary {output.summary} --orbits {output.orbits} 2> >(tee {log} >&2)"


rule check_orbits:
    """Singular environments, integrators, the pairs beside the orbits, distances of their points."""
    input:
        frames="results/structures/comment_frames.npz",
        orbits="results/sensitivity/comment_orbits.npz",
        points="results/tables/comment_orbits.csv",
    output:
        singular="results/tables/comment_singular_points.csv",
        integrators="results/tables/comment_integrators.csv",
        plane="results/tables/comment_orbit_plane.csv",
        distances="results/tables/comment_orbit_distances.csv",
        zeros="results/tables/comment_zeros.csv",
    log:
        "results/logs/check_orbits.log",
    benchmark:
        "results/logs/check_orbits.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        code=code("check_orbits"),
        settings=settings(
            {"features": COMMENT["features"], "sigma": TEXT["sigma"]},
            {
                k: v
                for k, v in COMMENT["orbits"].items()
                if k not in ("start", "n_frames", "integrator")
            },
        ),
    shell:
        'python "$SCRIPTS"/check_orbits.py --settings {params.settings:q} --frames {input.frames}'
        " --orbits {input.orbits} --points {input.points} --singular {output.singular}"
        " --integrators {output.integrators} --plane {output.plane}"
        " --distances {output.distances} --zeros {output.zeros} 2> >(tee {log} >&2)"


rule compare_with_frames:
    """The orbits beside ordinary frames: sensitivity, smaller bases, distances to training frames."""
    input:
        frames="results/structures/comment_frames.npz",
        orbits="results/sensitivity/comment_orbits.npz",
    output:
        sensitivity="results/tables/comment_frame_sensitivity.csv",
        bases="results/tables/comment_basis_sensitivity.csv",
        distances="results/tables/comment_training_distances.csv",
    log:
        "results/logs/compare_with_frames.log",
    benchmark:
        "results/logs/compare_with_frames.tsv"
    conda:
        environment("density")
    threads: 1
    resources:
        mem_mb=memory(2000),
        runtime=minutes(30),
    params:
        code=code("compare_with_frames"),
        settings=settings(
            {"features": COMMENT["features"], "sigma": TEXT["sigma"]},
            {key: COMMENT["orbits"][key] for key in ("sigmas", "scales")},
        ),
    shell:
        'python "$SCRIPTS"/compare_with_frames.py --settings {params.settings:q}'
        " --frames {input.frames} --orbits {input.orbits} --sensitivity {output.sensitivity}"
        " --bases {output.bases} --distances {output.distances} 2> >(tee {log} >&2)"


rule train_networks:
    """Networks with some features and orbit: for each part of the orbit and each seed."""
    input:
        frames="results/structures/comment_frames.npz",
        orbits="results/sensitivity/comment_orbits.npz",
    output:
        samples="results/features/comment_{setting}.npz",
        table="results/regression/comment_{setting}.csv",
        parity="results/regression/comment_{setting}_parity.parquet",
    log:
        "results/logs/train_networks_{setting}.log",
    benchmark:
        "results/logs/train_networks_{setting}.tsv"
    wildcard_constraints:
        setting="|".join(COMMENT["networks"]["settings"]),
    conda:
        environment("network")
    threads: 2
    resources:
        mem_mb=memory(4000),
        runtime=minutes(120),
    params:
        code=code("train_networks"),
        settings=network_settings,
        kept=beside("table", "networks"),
    shell:
        'python "$SCRIPTS"/train_networks.py --settings {params.settings:q} --frames {input.frames}'
        " --orbits {input.orbits} --threads {threads} --kept {params.kept}"
        " --samples {output.samples} --table {output.table} --parity {output.parity}"
        " 2> >(tee {log} >&2)"


rule merge_networks:
    """All networks in one table, and their errors beside the printed ones."""
    input:
        tables=expand(
            "results/regression/comment_{setting}.csv", setting=COMMENT["networks"]["settings"]
        ),
        printed=shipped("workflow/resources/printed/comment_networks.csv"),
    output:
        table="results/tables/comment_networks.csv",
        summary="results/tables/comment_networks_summary.csv",
    log:
        "results/logs/merge_networks.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("merge_networks"),
    shell:
        'python "$SCRIPTS"/merge_networks.py {input.tables} --printed {input.printed:q}'
        " --table {output.table} --summary {output.summary} 2> >(tee {log} >&2)"


rule compute_centers:
    """Singular values of methane seen from the carbon, the hydrogens, and all atoms."""
    output:
        values="results/tables/comment_centers.csv",
        distances="results/tables/comment_center_pairs.csv",
    log:
        "results/logs/compute_centers.log",
    localrule: True
    conda:
        environment("density")
    params:
        code=code("compute_centers"),
        settings=settings(COMMENT["features"], TEXT, only=["n_max", "l_max", "sigma", "cutoff"]),
    shell:
        'python "$SCRIPTS"/compute_centers.py --settings {params.settings:q}'
        " --values {output.values} --distances {output.distances} 2> >(tee {log} >&2)"
