package dev.sluice.server.admin;

import dev.sluice.job.Job;
import dev.sluice.job.JobEnd;
import dev.sluice.job.JobFilter;
import dev.sluice.job.JobPage;
import dev.sluice.job.JobRun;
import dev.sluice.job.JobStart;
import dev.sluice.job.JobState;
import dev.sluice.job.JobUpdate;
import dev.sluice.job.Jobs;
import dev.sluice.job.NewJob;
import dev.sluice.job.TooManyJobsException;
import dev.sluice.server.admin.Problem.Violation;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.FreeText;
import dev.sluice.server.admin.Shape.ListOf;
import dev.sluice.server.admin.Shape.MapOf;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import dev.sluice.server.metrics.JobMetrics;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;

/** The jobs that run anywhere: for those that run them, in any language, and for operators. */
public final class JobsResource implements Resource {
    private static final ProblemKind UNKNOWN = new ProblemKind(404, "job-unknown", "There is no such job");
    private static final ProblemKind RUNNING = new ProblemKind(409, "job-running", "The job runs already");
    private static final ProblemKind LOST = new ProblemKind(409, "job-lost", "This run of the job has ended");
    private static final ProblemKind FULL = new ProblemKind(409, "too-many-jobs", "There is no room for another job");

    private static final String ID_FORM = "[A-Za-z0-9_-]{1,64}";
    private static final String NAME_FORM = "[a-z0-9_-]{1,32}";
    private static final String ENDS = "succeeded|failed|cancelled";

    private static final Parameter<String> ID = new Parameter<>(
            Parameter.In.PATH,
            "id",
            "The job's id.",
            Text.matching(ID_FORM),
            "1 to 64 of A-Z a-z 0-9 _ -",
            text -> matching(ID_FORM, text),
            Optional.empty());
    private static final Parameter<Optional<String>> NAME = Parameter.query(
            "name",
            Text.matching(NAME_FORM),
            "1 to 32 of a-z 0-9 _ -",
            text -> Optional.of(matching(NAME_FORM, text)),
            Optional.empty(),
            "Only jobs of this name.");
    private static final Parameter<Optional<JobState>> STATE = Parameter.query(
            "state",
            Text.matching("running|dead|" + ENDS),
            "one of running, dead, succeeded, failed, cancelled",
            text -> Optional.of(JobState.of(matching("running|dead|" + ENDS, text))),
            Optional.empty(),
            "Only jobs in this state.");

    private static final Shape AMOUNT = new Whole(0, JobUpdate.GREATEST);
    private static final Shape COUNTERS = new MapOf(
            Text.matching(NAME_FORM), new Whole(-JobUpdate.GREATEST, JobUpdate.GREATEST), JobUpdate.MOST_COUNTERS);
    private static final Field BY_RUN =
            Field.required("run", new Whole(1, 1L << 53), "What the start was answered with.");

    private final Jobs jobs;
    private final JobMetrics metrics;

    public JobsResource(Jobs jobs, JobMetrics metrics) {
        this.jobs = jobs;
        this.metrics = metrics;
    }

    @Override
    public List<Operation> operations() {
        return List.of(
                Operation.get("/v1/jobs", "listJobs", "Lists jobs, those first that began last.")
                        .with(NAME, STATE, Paging.LIMIT, Paging.CURSOR)
                        .answers(
                                200,
                                "A page; it may have fewer than asked for, or none, although there are more.",
                                Fields.of(
                                        Field.required(
                                                "jobs", new ListOf(JobJson.SHOWN, Jobs.LARGEST_PAGE), "The jobs."),
                                        Paging.NEXT))
                        .refuses(ProblemKind.STORE)
                        .by(this::list),
                Operation.get("/v1/jobs/{id}", "getJob", "Shows a job.")
                        .with(ID)
                        .answers(200, "The job.", JobJson.SHOWN)
                        .refuses(UNKNOWN, ProblemKind.STORE)
                        .by(this::show),
                Operation.post("/v1/jobs", "startJob", "Says that a job begins.")
                        .asGuard()
                        .takes(Fields.of(
                                Field.required("name", Text.matching(NAME_FORM), "What it does."),
                                Field.optional(
                                        "id",
                                        Text.matching(ID_FORM),
                                        "Its id, so that nobody runs it twice at a time; a new one unless given."),
                                Field.optional(
                                        "silence_ms",
                                        new Whole(
                                                NewJob.SHORTEST_SILENCE.toMillis(), NewJob.LONGEST_SILENCE.toMillis()),
                                        "For how long nothing may be heard of it before it counts as dead; 15000 unless given."),
                                Field.optional("total", AMOUNT, "How much there is to do.")))
                        .answers(
                                200,
                                "It runs.",
                                Fields.of(
                                        Field.required("id", Text.matching(ID_FORM), "Its id."),
                                        Field.required(
                                                "run",
                                                new Whole(1, 1L << 53),
                                                "This run of it: to be sent with all that is said of it.")))
                        .refuses(RUNNING, FULL, ProblemKind.STORE)
                        .by(this::start),
                Operation.put(
                                "/v1/jobs/{id}",
                                "updateJob",
                                "Says that a job lives, which is to be said a few times within its silence, how far it is, and adds to its"
                                        + " counters.")
                        .asGuard()
                        .with(ID)
                        .takes(Fields.of(
                                BY_RUN,
                                Field.optional("done", AMOUNT, "How much is done."),
                                Field.optional("total", AMOUNT, "Of how much."),
                                Field.optional("add", COUNTERS, "What is added to its counters, by their names.")))
                        .answers(204, "It was heard.")
                        .refuses(LOST, ProblemKind.STORE)
                        .by(this::update),
                Operation.post(
                                "/v1/jobs/{id}/end",
                                "endJob",
                                "Says how a job ended; the same once more changes nothing.")
                        .asGuard()
                        .with(ID)
                        .takes(
                                Fields.of(
                                        BY_RUN,
                                        Field.required("state", Text.matching(ENDS), "How."),
                                        Field.optional(
                                                "error",
                                                Text.matching(JobEnd.ERROR_FORM),
                                                "The class of what it failed of; of one that failed, and only then."),
                                        Field.optional(
                                                "message",
                                                new FreeText(1, JobEnd.LONGEST_MESSAGE, false),
                                                "For operators. Shown to whoever may list jobs: no secret, no text and no name of a user.")))
                        .answers(204, "It is written down.")
                        .refuses(LOST, ProblemKind.STORE)
                        .by(this::end));
    }

    private AdminResponse list(AdminRequest request) {
        long before = request.get(Paging.CURSOR);
        JobPage page = jobs.list(
                new JobFilter(request.get(NAME), request.get(STATE)),
                before == 0 ? OptionalLong.empty() : OptionalLong.of(before),
                Math.toIntExact(request.get(Paging.LIMIT)));
        var json = new LinkedHashMap<String, Object>();
        json.put("jobs", page.jobs().stream().map(JobJson::shown).toList());
        json.put(
                "next_cursor",
                page.next().isPresent() ? Paging.after(page.next().getAsLong()) : null);
        return AdminResponse.json(200, json);
    }

    private AdminResponse show(AdminRequest request) {
        Job job = jobs.find(request.get(ID))
                .orElseThrow(() -> Problem.of(UNKNOWN, "it never was, or was last heard of too long ago")
                        .asRefusal());
        return AdminResponse.json(200, JobJson.shown(job));
    }

    private AdminResponse start(AdminRequest request) {
        JsonNode body = request.body();
        NewJob job = NewJob.of(body.path("name").asString());
        if (body.has("id")) {
            job = job.withId(body.path("id").asString());
        }
        if (body.has("silence_ms")) {
            job = job.withSilence(Duration.ofMillis(body.path("silence_ms").asLong()));
        }
        if (body.has("total")) {
            job = job.withTotal(body.path("total").asLong());
        }
        try {
            return switch (jobs.start(job)) {
                case JobStart.Started(JobRun run) -> {
                    metrics.started(job.name());
                    yield AdminResponse.json(200, Map.of("id", run.id(), "run", run.number()));
                }
                case JobStart.Running(Job running) ->
                    throw Problem.of(RUNNING, "it can be started anew once it ended or is dead")
                            .asRefusal();
            };
        } catch (TooManyJobsException e) {
            throw Problem.of(FULL, "each goes some time after it was last heard of")
                    .asRefusal();
        }
    }

    private AdminResponse update(AdminRequest request) {
        JsonNode body = request.body();
        var adds = new HashMap<String, Long>();
        body.path("add")
                .properties()
                .forEach(
                        counter -> adds.put(counter.getKey(), counter.getValue().asLong()));
        var update = new JobUpdate(amount(body, "done"), amount(body, "total"), adds);
        try {
            return heard(jobs.update(run(request), update));
        } catch (IllegalArgumentException e) {
            // Of names and numbers only, as the shape has seen to.
            throw Problem.malformed(List.of(new Violation("/add", String.valueOf(e.getMessage()))))
                    .asRefusal();
        }
    }

    private AdminResponse end(AdminRequest request) {
        JsonNode body = request.body();
        JobState state = JobState.of(body.path("state").asString());
        Optional<String> error = text(body, "error");
        if (error.isPresent() != (state == JobState.FAILED)) {
            throw Problem.malformed(List.of(new Violation("/error", "must be there if the job failed, and only then")))
                    .asRefusal();
        }
        AdminResponse heard = heard(jobs.end(run(request), new JobEnd(state, error, text(body, "message"))));
        metrics.ended(state);
        return heard;
    }

    private static AdminResponse heard(boolean heard) {
        if (!heard) {
            throw Problem.of(LOST, "it ended, was started anew by somebody else, or is forgotten")
                    .asRefusal();
        }
        return AdminResponse.noContent();
    }

    private static JobRun run(AdminRequest request) {
        return new JobRun(request.get(ID), request.body().path("run").asLong());
    }

    private static OptionalLong amount(JsonNode body, String name) {
        return body.has(name) ? OptionalLong.of(body.path(name).asLong()) : OptionalLong.empty();
    }

    private static Optional<String> text(JsonNode body, String name) {
        return body.has(name) ? Optional.of(body.path(name).asString()) : Optional.empty();
    }

    private static String matching(String form, String text) {
        if (!text.matches(form)) {
            throw new IllegalArgumentException();
        }
        return text;
    }
}
