package dev.sluice.job;

/** What became of an attempt to start a job. */
public sealed interface JobStart {
    /** It runs, and is the caller's. */
    record Started(JobRun run) implements JobStart {}

    /** Somebody else runs it. */
    record Running(Job job) implements JobStart {}
}
