package dev.sluice.idempotency;

import java.time.Duration;

/** How a claim ends. Durations are 1 ms to 31 days. */
public sealed interface Settlement {
    /** Done: every twin within {@code keep} gets this result. */
    record Complete(StoredResult result, Duration keep) implements Settlement {
        public Complete {
            Spans.requireKeep(keep);
        }
    }

    /** Refused for good: every twin within {@code keep} gets this refusal. */
    record Fail(StoredResult result, Duration keep) implements Settlement {
        public Fail {
            Spans.requireKeep(keep);
        }
    }

    /** Done, but whoever asked was gone: exactly one twin within {@code keep} gets this result. */
    record HandOver(StoredResult result, Duration keep) implements Settlement {
        public HandOver {
            Spans.requireKeep(keep);
        }
    }

    /** It may have happened: every twin within {@code keep} is told so. */
    record MarkUnknown(Duration keep) implements Settlement {
        public MarkUnknown {
            Spans.requireKeep(keep);
        }
    }

    /** Leaves no record: it never happened, or its repetition is nobody's mistake. */
    record Release() implements Settlement {}
}
