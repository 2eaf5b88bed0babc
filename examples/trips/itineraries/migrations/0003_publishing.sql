-- Who publishes an itinerary shows it to the whole tenant; who makes it private again takes that back.
ALTER TABLE public.itineraries
  ADD COLUMN published_at timestamptz,
  ADD CONSTRAINT itineraries_published CHECK (published_at IS NULL OR visibility = 'shared');
