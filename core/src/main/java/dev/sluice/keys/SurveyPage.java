package dev.sluice.keys;

import java.util.List;
import java.util.Optional;

/**
 * A piece of a survey.
 *
 * @param families those of which keys were seen, in the table's order; those of none behind
 * @param moving keys that could not be looked at, since their Cluster slot was on the move
 * @param next where the next piece begins; empty after the last
 */
public record SurveyPage(List<FamilyCount> families, long moving, Optional<String> next) {
    public SurveyPage {
        families = List.copyOf(families);
    }
}
