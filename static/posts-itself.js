// Of the page that stands in a viewer's place until it has posted itself there. It has an origin of its own, which no
// module can be loaded for, and runs while the page is read: what posts itself later is a step of its own for Back.

document.body.hidden = true;
document.forms[0].submit();
