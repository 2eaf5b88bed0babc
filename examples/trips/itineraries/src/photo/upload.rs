//! Uploading a photo: the flow is the module's.

use axum::{extract::State, response::Response};
use tenancy::{DataWrite, Error, Path, Permit, PutMode, Result, Transaction};

use super::{
    MAX_PHOTOS,
    body::Upload,
    loose,
    model::{ObjectId, Photo},
    name::PhotoName,
    queries,
};
use crate::{
    http::{Preconditions, created, tagged},
    itinerary::{ItineraryId, Viewer, lock_for_change},
    service::App,
};

/// What an upload is about.
struct Target {
    permit: Permit<DataWrite>,
    itinerary: ItineraryId,
    name: PhotoName,
    preconditions: Preconditions,
}

/// 201 for a new photo, 200 for one that was there. The same content again changes nothing.
pub(super) async fn put(
    permit: Permit<DataWrite>,
    State(app): State<App>,
    Path((itinerary, name)): Path<(ItineraryId, PhotoName)>,
    preconditions: Preconditions,
    upload: Upload,
) -> Result<Response> {
    let target = Target {
        permit,
        itinerary,
        name,
        preconditions,
    };
    let object = match reserve(&app, &target, &upload).await? {
        Reserved::Same(photo) => return Ok(tagged(&photo.tag(), photo)),
        Reserved::New(object) => object,
    };
    app.uploads
        .put(
            &target.permit,
            &object.key()?,
            upload.content.clone(),
            PutMode::Create,
        )
        .await?;
    let (photo, replaced) = show(&app, &target, &upload, object).await?;
    if replaced {
        loose::sweep(&app, &target.permit).await;
        return Ok(tagged(&photo.tag(), photo));
    }
    let location = format!("/itineraries/{itinerary}/photos/{}", photo.name);
    Ok(created(&location, &photo.tag(), photo))
}

enum Reserved {
    New(ObjectId),
    Same(Photo),
}

/// The first transaction: the checks, then the intent.
async fn reserve(app: &App, target: &Target, upload: &Upload) -> Result<Reserved> {
    let mut tx = app.core.begin(&target.permit).await?;
    let present = target.check(&mut tx).await?;
    if let Some(photo) = present.filter(|photo| photo.holds(upload)) {
        tx.commit().await?;
        return Ok(Reserved::Same(photo));
    }
    let object = ObjectId::new();
    loose::note(&mut tx, object).await?;
    tx.commit().await?;
    Ok(Reserved::New(object))
}

/// The second transaction: the same checks, since the itinerary may have changed; then the photo is the new one.
async fn show(app: &App, target: &Target, upload: &Upload, object: ObjectId) -> Result<(Photo, bool)> {
    let mut tx = app.core.begin(&target.permit).await?;
    let present = target.check(&mut tx).await?;
    if !loose::take(&mut tx, object).await? {
        return Err(Error::unavailable(
            "the upload took so long that its object was swept",
        ));
    }
    let photo = queries::show(&mut tx, target.itinerary, &target.name, object, upload).await?;
    if let Some(old) = &present {
        loose::doom(&mut tx, old.object).await?;
    }
    tx.commit().await?;
    Ok((photo, present.is_some()))
}

impl Target {
    /// Locks the itinerary, so that its photos hold still, and checks that the photo may be written; gives the photo
    /// that is there.
    async fn check(&self, tx: &mut Transaction) -> Result<Option<Photo>> {
        lock_for_change(tx, &self.permit, self.itinerary).await?;
        let viewer = Viewer::of(self.permit.context());
        let present = queries::find(&mut *tx, viewer, self.itinerary, &self.name).await?;
        self.preconditions
            .allow_change(present.as_ref().map(Photo::tag).as_ref())?;
        if present.is_none() {
            let used = u64::try_from(queries::count(tx, self.itinerary).await?).unwrap_or(u64::MAX);
            if used >= MAX_PHOTOS {
                return Err(Error::quota_exceeded("photos_of_an_itinerary", MAX_PHOTOS, used));
            }
        }
        Ok(present)
    }
}
