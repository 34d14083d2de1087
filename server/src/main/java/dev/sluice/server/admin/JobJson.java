package dev.sluice.server.admin;

import dev.sluice.job.Job;
import dev.sluice.job.JobEnd;
import dev.sluice.job.JobUpdate;
import dev.sluice.server.admin.Shape.Field;
import dev.sluice.server.admin.Shape.Fields;
import dev.sluice.server.admin.Shape.MapOf;
import dev.sluice.server.admin.Shape.Named;
import dev.sluice.server.admin.Shape.OrNull;
import dev.sluice.server.admin.Shape.Text;
import dev.sluice.server.admin.Shape.Whole;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A job as HTTP shows it. */
final class JobJson {
    private static final Shape AMOUNT = new OrNull(new Whole(0, JobUpdate.GREATEST));

    static final Shape SHOWN = new Named(
            "Job",
            Fields.of(
                    Field.required("id", Text.matching("[A-Za-z0-9_-]{1,64}"), "Its id."),
                    Field.required("run", new Whole(1, 1L << 53), "Which run of it."),
                    Field.required("name", Text.matching("[a-z0-9_-]{1,32}"), "What it does."),
                    Field.required(
                            "state",
                            Text.matching("running|dead|succeeded|failed|cancelled"),
                            "How it stands; dead if it has been silent for longer than it may."),
                    Field.required("started", Text.time(), "When it began."),
                    Field.required("updated", Text.time(), "When it was last heard of."),
                    Field.required("ended", new OrNull(Text.time()), "When it ended."),
                    Field.required("done", AMOUNT, "How much is done, if it says so."),
                    Field.required("total", AMOUNT, "Of how much, if it knows."),
                    Field.required(
                            "counters",
                            new MapOf(
                                    Text.matching("[a-z0-9_-]{1,32}"),
                                    new Whole(-JobUpdate.GREATEST, JobUpdate.GREATEST),
                                    JobUpdate.MOST_COUNTERS),
                            "What it counts."),
                    Field.required(
                            "error", new OrNull(Text.matching(JobEnd.ERROR_FORM)), "The class of what it failed of."),
                    Field.required("message", new OrNull(Text.any()), "What it said when it ended.")));

    private JobJson() {}

    static Map<String, Object> shown(Job job) {
        var json = new LinkedHashMap<String, Object>();
        json.put("id", job.run().id());
        json.put("run", job.run().number());
        json.put("name", job.name());
        json.put("state", job.state().word());
        json.put("started", job.started().toString());
        json.put("updated", job.updated().toString());
        json.put("ended", job.ended().map(Instant::toString).orElse(null));
        json.put("done", number(job.done()));
        json.put("total", number(job.total()));
        json.put("counters", new TreeMap<>(job.counters()));
        json.put("error", job.error().orElse(null));
        json.put("message", job.message().orElse(null));
        return json;
    }

    private static @Nullable Long number(OptionalLong amount) {
        return amount.isPresent() ? amount.getAsLong() : null;
    }
}
