package dev.sluice.simulator;

import dev.sluice.simulator.Turn.Done;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** sendLocation, sendVenue, sendContact, sendPoll, sendDice. */
final class SendingOther {
    private static final int FEWEST_OPTIONS = 2;
    private static final int MOST_OPTIONS = 12;

    private SendingOther() {}

    static Done sendLocation(Turn turn) {
        return send(turn, "location", location(turn.call()));
    }

    static Done sendVenue(Turn turn) {
        ObjectNode venue = JsonNodeFactory.instance.objectNode();
        venue.set("location", location(turn.call()));
        venue.put("title", required(turn, "title"));
        venue.put("address", required(turn, "address"));
        return send(turn, message -> {
            message.set("venue", venue);
            message.set("location", venue.get("location"));
        });
    }

    static Done sendContact(Turn turn) {
        ObjectNode contact = JsonNodeFactory.instance.objectNode();
        contact.put("phone_number", required(turn, "phone_number"));
        contact.put("first_name", required(turn, "first_name"));
        turn.call().text("last_name").ifPresent(name -> contact.put("last_name", name));
        return send(turn, "contact", contact);
    }

    static Done sendPoll(Turn turn) {
        ApiCall call = turn.call();
        JsonNode options = call.json("options").orElseThrow(() -> Refusal.badRequest("options must be non-empty"));
        if (!options.isArray() || options.size() < FEWEST_OPTIONS || options.size() > MOST_OPTIONS) {
            throw Refusal.badRequest(
                    "poll must have at least " + FEWEST_OPTIONS + " and at most " + MOST_OPTIONS + " options");
        }
        ObjectNode poll = JsonNodeFactory.instance.objectNode();
        poll.put("id", Long.toString(turn.nanos()));
        poll.put("question", required(turn, "question"));
        ArrayNode shown = poll.putArray("options");
        for (JsonNode option : options) {
            String text = option.isObject() ? option.path("text").asString("") : option.asString("");
            shown.addObject().put("text", text).put("voter_count", 0);
        }
        poll.put("total_voter_count", 0);
        poll.put("is_closed", call.flag("is_closed"));
        poll.put("is_anonymous", call.text("is_anonymous").isEmpty() || call.flag("is_anonymous"));
        poll.put("type", call.text("type").orElse("regular"));
        poll.put("allows_multiple_answers", call.flag("allows_multiple_answers"));
        return send(turn, "poll", poll);
    }

    static Done sendDice(Turn turn) {
        ObjectNode dice = JsonNodeFactory.instance.objectNode();
        dice.put("emoji", turn.call().text("emoji").orElse("\uD83C\uDFB2"));
        dice.put("value", 1 + (int) (turn.nanos() % 5));
        return send(turn, "dice", dice);
    }

    private static Done send(Turn turn, String field, ObjectNode content) {
        return send(turn, message -> message.set(field, content));
    }

    private static Done send(Turn turn, Consumer<ObjectNode> content) {
        Chat chat = turn.reachableChat();
        MessageShape shape = MessageShape.of(turn, chat);
        return turn.send(chat, 1, id -> {
            ObjectNode message = shape.message(id);
            content.accept(message);
            return message;
        });
    }

    private static ObjectNode location(ApiCall call) {
        ObjectNode location = JsonNodeFactory.instance.objectNode();
        location.put("latitude", call.decimal("latitude"));
        location.put("longitude", call.decimal("longitude"));
        return location;
    }

    private static String required(Turn turn, String parameter) {
        return turn.call().text(parameter).orElseThrow(() -> Refusal.badRequest(parameter + " must be non-empty"));
    }
}
