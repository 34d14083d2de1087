package dev.sluice.simulator;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * One call of a method, however its parameters arrived.
 *
 * @param method in the documentation's spelling, or as sent if there is no such method
 * @param parameters by name; what was JSON and not text stays JSON text
 * @param files by the name of their part
 */
record ApiCall(String method, Map<String, String> parameters, Map<String, UploadedFile> files) {

    /** Empty if missing or empty: Telegram makes no difference. */
    Optional<String> text(String name) {
        return Optional.ofNullable(parameters.get(name)).filter(value -> !value.isEmpty());
    }

    boolean flag(String name) {
        return text(name)
                .map(value -> value.equalsIgnoreCase("true") || value.equals("1") || value.equalsIgnoreCase("yes"))
                .orElse(false);
    }

    /** The whole number, or {@code otherwise} if it is missing or none. */
    int number(String name, int otherwise) {
        try {
            return text(name).map(value -> Integer.parseInt(value.strip())).orElse(otherwise);
        } catch (NumberFormatException e) {
            return otherwise;
        }
    }

    double decimal(String name) {
        try {
            return text(name)
                    .map(value -> Double.parseDouble(value.strip()))
                    .orElseThrow(() -> Refusal.badRequest(name + " is empty"));
        } catch (NumberFormatException e) {
            throw Refusal.badRequest("wrong parameter " + name + " in the request");
        }
    }

    Optional<JsonNode> json(String name) {
        return text(name).map(value -> {
            try {
                return ApiAnswer.JSON.readTree(value);
            } catch (JacksonException e) {
                throw Refusal.badRequest("can't parse " + name + " JSON object");
            }
        });
    }

    /** A JSON array of whole numbers, or one number. */
    List<Integer> numbers(String name) {
        JsonNode array = json(name).orElseThrow(() -> Refusal.badRequest(name + " is empty"));
        if (array.isArray() && !array.isEmpty() && array.valueStream().allMatch(JsonNode::canConvertToInt)) {
            return array.valueStream().map(JsonNode::intValue).toList();
        }
        throw Refusal.badRequest("can't parse " + name + " JSON object");
    }
}
