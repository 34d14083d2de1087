package dev.sluice.queue;

import java.util.Optional;

/** What a message has to do with others that wait in its lane. */
public sealed interface Relation permits Replacement, Joint {

    /** What is replaced, if that is what it is about. */
    static Optional<Replacement> replacement(Optional<Relation> relation) {
        return relation.filter(Replacement.class::isInstance).map(Replacement.class::cast);
    }

    /** What may be joined, if that is what it is about. */
    static Optional<Joint> joint(Optional<Relation> relation) {
        return relation.filter(Joint.class::isInstance).map(Joint.class::cast);
    }
}
