package dev.sluice.simulator;

import java.time.Duration;
import java.util.Locale;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Faults as the control API spells them. */
final class FaultJson {
    private static final int DEFAULT_MILLIS = 1000;

    private FaultJson() {}

    static FaultRule rule(ApiCall call) {
        return new FaultRule(
                effect(call),
                call.text("method").orElse(null),
                call.text("bot").map(Long::valueOf).orElse(null),
                call.text("chat").map(Long::valueOf).orElse(null),
                call.number("skip", 0),
                call.text("times").map(Long::valueOf).orElse(Long.MAX_VALUE),
                call.text("probability").isPresent() ? call.decimal("probability") : 1);
    }

    static ObjectNode of(InjectedFault fault) {
        FaultRule rule = fault.rule();
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("effect", nameOf(rule.effect()));
        json.put("method", rule.method());
        json.put("bot", rule.bot());
        json.put("chat", rule.chat());
        json.put("skip", rule.skip());
        json.put("times", rule.times());
        json.put("probability", rule.probability());
        json.put("struck", fault.struck());
        return json;
    }

    static String name(LedgerEntry.Outcome outcome) {
        return outcome.name().toLowerCase(Locale.ROOT);
    }

    private static FaultEffect effect(ApiCall call) {
        Duration duration = Duration.ofMillis(call.number("duration_ms", DEFAULT_MILLIS));
        return switch (call.text("effect").orElse("")) {
            case "latency" -> new FaultEffect.Latency(duration);
            case "reset_before" -> new FaultEffect.ResetBefore();
            case "reset_after" -> new FaultEffect.ResetAfter();
            case "hang_before" -> new FaultEffect.HangBefore(duration);
            case "hang_after" -> new FaultEffect.HangAfter(duration);
            case "server_error" -> new FaultEffect.ServerError(call.flag("after_effect"));
            case "bad_gateway" -> new FaultEffect.BadGateway(call.flag("after_effect"));
            case "too_many_requests" -> new FaultEffect.TooManyRequests(call.number("retry_after", 1));
            case "truncated_body" -> new FaultEffect.TruncatedBody();
            case "slow_answer" -> new FaultEffect.SlowAnswer(duration);
            default ->
                throw Refusal.badRequest("effect is one of latency, reset_before, reset_after, hang_before, hang_after,"
                        + " server_error, bad_gateway, too_many_requests, truncated_body, slow_answer");
        };
    }

    private static String nameOf(FaultEffect effect) {
        return switch (effect) {
            case FaultEffect.Latency latency -> "latency";
            case FaultEffect.ResetBefore before -> "reset_before";
            case FaultEffect.ResetAfter after -> "reset_after";
            case FaultEffect.HangBefore before -> "hang_before";
            case FaultEffect.HangAfter after -> "hang_after";
            case FaultEffect.ServerError error -> "server_error";
            case FaultEffect.BadGateway gateway -> "bad_gateway";
            case FaultEffect.TooManyRequests flooded -> "too_many_requests";
            case FaultEffect.TruncatedBody truncated -> "truncated_body";
            case FaultEffect.SlowAnswer slow -> "slow_answer";
        };
    }
}
