package dev.sluice.job;

/**
 * One run of a job: what its heartbeats and its end are said of.
 *
 * @param id of the job
 * @param number greater than that of every earlier run of any job
 */
public record JobRun(String id, long number) {
    public JobRun {
        NewJob.requireId(id);
        if (number < 1) {
            throw new IllegalArgumentException("a run's number must be 1 or more, not " + number);
        }
    }
}
