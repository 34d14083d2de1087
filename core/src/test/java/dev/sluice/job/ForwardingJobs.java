package dev.sluice.job;

import java.util.Optional;
import java.util.OptionalLong;

/** Does what another does, but for what a test overrides. */
class ForwardingJobs implements Jobs {
    private final Jobs jobs;

    ForwardingJobs(Jobs jobs) {
        this.jobs = jobs;
    }

    @Override
    public JobStart start(NewJob job) {
        return jobs.start(job);
    }

    @Override
    public boolean update(JobRun run, JobUpdate update) {
        return jobs.update(run, update);
    }

    @Override
    public boolean end(JobRun run, JobEnd end) {
        return jobs.end(run, end);
    }

    @Override
    public Optional<Job> find(String id) {
        return jobs.find(id);
    }

    @Override
    public JobPage list(JobFilter filter, OptionalLong before, int most) {
        return jobs.list(filter, before, most);
    }
}
