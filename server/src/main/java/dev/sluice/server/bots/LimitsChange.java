package dev.sluice.server.bots;

/** What came of a wish to change a bot's limits. */
public sealed interface LimitsChange {
    /** @param limits what is set now */
    record Done(SetLimits limits) implements LimitsChange {}

    /** Others kept changing the same bot's. */
    record Contended() implements LimitsChange {}

    /** There are limits of as many bots as there may be. */
    record Full(int most) implements LimitsChange {}
}
