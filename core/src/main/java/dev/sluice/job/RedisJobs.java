package dev.sluice.job;

import dev.sluice.redis.KeySpace;
import dev.sluice.redis.Script;
import dev.sluice.redis.Script.Part;
import dev.sluice.redis.ScriptReply;
import dev.sluice.redis.ScriptRunner;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.random.RandomGenerator;

/** Jobs in Redis: a hash for each, and two sorted sets of all, in one slot. */
final class RedisJobs implements Jobs {
    /** Some 50 MB. */
    static final int MOST_JOBS = 100_000;

    /** In one step, should few of them be of the name and state that is asked for: some milliseconds of Redis. */
    private static final int LOOKED_AT = 500;

    private static final String FAMILY = "job";
    private static final String TAG = "jobs";

    private static final Script START = script("start");
    private static final Script UPDATE = script("update");
    private static final Script END = script("end");
    private static final Script FIND = script("find");
    private static final Script LIST = script("list");

    private static final int DONE = 1;
    private static final int TOO_MANY = 2;
    private static final int TOO_GREAT = 3;

    private final ScriptRunner redis;
    private final List<String> names;
    private final long keepMicros;
    private final int mostJobs;
    private final RandomGenerator random;

    RedisJobs(ScriptRunner redis, KeySpace keys, Duration keep, int mostJobs, RandomGenerator random) {
        Jobs.requireKeep(keep);
        this.redis = redis;
        this.names = List.of(keys.key(FAMILY, TAG, "begun"), keys.key(FAMILY, TAG, "heard"));
        this.keepMicros = keep.toMillis() * 1_000;
        this.mostJobs = mostJobs;
        this.random = random;
    }

    @Override
    public JobStart start(NewJob job) {
        String id = JobIds.of(job, random);
        ScriptReply reply = run(
                START,
                id,
                job.name(),
                Long.toString(job.silence().toMillis() * 1_000),
                text(job.total()),
                Integer.toString(mostJobs));
        return switch (Math.toIntExact(reply.number(0))) {
            case DONE -> new JobStart.Started(new JobRun(id, reply.number(1)));
            case TOO_MANY -> throw new TooManyJobsException(mostJobs);
            default -> new JobStart.Running(new Reader(reply, 1).next());
        };
    }

    @Override
    public boolean update(JobRun run, JobUpdate update) {
        var arguments = new ArrayList<String>(List.of(
                run.id(),
                Long.toString(run.number()),
                text(update.done()),
                text(update.total()),
                Integer.toString(JobUpdate.MOST_COUNTERS),
                Long.toString(JobUpdate.GREATEST)));
        update.adds().forEach((name, amount) -> {
            arguments.add(name);
            arguments.add(Long.toString(amount));
        });
        return switch (Math.toIntExact(
                run(UPDATE, arguments.toArray(String[]::new)).number(0))) {
            case DONE -> true;
            case TOO_MANY -> throw JobBounds.tooManyCounters();
            case TOO_GREAT -> throw JobBounds.tooGreat();
            default -> false;
        };
    }

    @Override
    public boolean end(JobRun run, JobEnd end) {
        return run(
                                END,
                                run.id(),
                                Long.toString(run.number()),
                                end.state().word(),
                                end.error().orElse(""),
                                end.message().orElse(""))
                        .number(0)
                == DONE;
    }

    @Override
    public Optional<Job> find(String id) {
        NewJob.requireId(id);
        ScriptReply reply = run(FIND, id);
        return reply.size() == 0 ? Optional.empty() : Optional.of(new Reader(reply, 0).next());
    }

    @Override
    public JobPage list(JobFilter filter, OptionalLong before, int most) {
        Jobs.requirePage(most);
        ScriptReply reply = run(
                LIST,
                text(before),
                Integer.toString(most),
                filter.name().orElse(""),
                filter.state().map(JobState::word).orElse(""),
                Integer.toString(LOOKED_AT));
        var reader = new Reader(reply, 1);
        var jobs = new ArrayList<Job>();
        while (reader.hasNext()) {
            jobs.add(reader.next());
        }
        return new JobPage(jobs, reply.text(0).isEmpty() ? OptionalLong.empty() : OptionalLong.of(reply.number(0)));
    }

    private ScriptReply run(Script script, String... arguments) {
        var bytes = new ArrayList<byte[]>();
        bytes.add(utf8(Long.toString(keepMicros)));
        for (String argument : arguments) {
            bytes.add(utf8(argument));
        }
        return redis.run(script, names, bytes);
    }

    /** Reads jobs one after the other, as {@code show} in {@code jobs.lua} writes them. */
    private static final class Reader {
        private final ScriptReply reply;
        private int at;

        Reader(ScriptReply reply, int at) {
            this.reply = reply;
            this.at = at;
        }

        boolean hasNext() {
            return at < reply.size();
        }

        Job next() {
            String id = reply.text(at++);
            String name = reply.text(at++);
            long number = reply.number(at++);
            JobState state = JobState.of(reply.text(at++));
            Instant started = time(reply.number(at++));
            Instant updated = time(reply.number(at++));
            Optional<Instant> ended = given().map(text -> time(Long.parseLong(text)));
            at++; // how long it may be silent: has been judged by
            OptionalLong done = amount(given());
            OptionalLong total = amount(given());
            Optional<String> error = given();
            Optional<String> message = given();
            long count = reply.number(at++);
            var counters = new HashMap<String, Long>();
            for (int i = 0; i < count; i++) {
                String counter = reply.text(at++);
                counters.put(counter, reply.number(at++));
            }
            return new Job(
                    new JobRun(id, number),
                    name,
                    state,
                    started,
                    updated,
                    ended,
                    done,
                    total,
                    counters,
                    error,
                    message);
        }

        private Optional<String> given() {
            String text = reply.text(at++);
            return text.isEmpty() ? Optional.empty() : Optional.of(text);
        }

        private static OptionalLong amount(Optional<String> text) {
            return text.isPresent() ? OptionalLong.of(Long.parseLong(text.get())) : OptionalLong.empty();
        }

        private static Instant time(long micros) {
            return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
        }
    }

    private static String text(OptionalLong number) {
        return number.isPresent() ? Long.toString(number.getAsLong()) : "";
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Script script(String name) {
        return Script.of(
                "job/" + name, new Part(RedisJobs.class, "jobs.lua"), new Part(RedisJobs.class, name + ".lua"));
    }
}
