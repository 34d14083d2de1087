package dev.sluice.job;

import java.util.List;
import java.util.OptionalLong;

/**
 * A part of a list.
 *
 * @param jobs those that began last first; may be fewer than asked for, or none, although there are more
 * @param next where the next part begins; empty if there is none
 */
public record JobPage(List<Job> jobs, OptionalLong next) {
    public JobPage {
        jobs = List.copyOf(jobs);
    }
}
