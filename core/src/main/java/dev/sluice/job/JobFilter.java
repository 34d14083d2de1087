package dev.sluice.job;

import java.util.Optional;

/** Which jobs are meant: of one name, in one state, or any. */
public record JobFilter(Optional<String> name, Optional<JobState> state) {
    public static final JobFilter ALL = new JobFilter(Optional.empty(), Optional.empty());

    public JobFilter {
        name.ifPresent(NewJob::requireName);
    }

    boolean takes(Job job) {
        return name.filter(wanted -> !wanted.equals(job.name())).isEmpty()
                && state.filter(wanted -> wanted != job.state()).isEmpty();
    }
}
